import type { Logger } from "@confab/runtime";
import type { Push } from "./push.ts";

/** Says that a push was due, for installations without a push gateway: ids only. */
export function createLogPush(log: Logger): Push {
  return {
    send: async ({ tag, userId, conversationId, fromSeq, toSeq }) => {
      log.info({ tag, userId, conversationId, fromSeq, toSeq }, "push");
    },
  };
}
