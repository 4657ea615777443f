import { z } from "zod";
import { PublishItem } from "../commands.ts";
import { WireError } from "../errors.ts";
import { ConversationId, MessageId, Seq } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { type HttpRoute, IdempotencyKey } from "./route.ts";

export const PublishResult = z.union([
  z.object({ messageId: MessageId, conversationId: ConversationId, seq: Seq, duplicate: z.boolean() }),
  z.object({ error: WireError }),
]);
export type PublishResult = z.infer<typeof PublishResult>;

/** For internal services. */
export const PUBLISH_ROUTES = {
  publish: {
    about: "Publish messages as an internal service; each item is stored once per key.",
    method: "POST",
    path: "/v1/publish",
    auth: "service",
    headers: IdempotencyKey,
    body: z.strictObject({ items: z.array(PublishItem).min(1).max(LIMITS.publishItems) }),
    status: 200,
    reply: z.object({ results: z.array(PublishResult) }),
  },
} as const satisfies Record<string, HttpRoute>;
