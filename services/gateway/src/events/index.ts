import { activityHandlers } from "./activity.ts";
import { authHandlers } from "./auth.ts";
import { conversationHandlers } from "./conversation.ts";
import { messageHandlers } from "./message.ts";
import { moderationHandlers } from "./moderation.ts";
import { presenceHandlers } from "./presence.ts";
import { readingHandlers } from "./reading.ts";
import { receiptHandlers } from "./receipt.ts";
import { threadHandlers } from "./thread.ts";
import type { Handlers } from "./types.ts";
import { typingHandlers } from "./typing.ts";

/** What each command of the contract does. */
export const handlers: Handlers = {
  ...messageHandlers,
  ...receiptHandlers,
  ...typingHandlers,
  ...activityHandlers,
  ...presenceHandlers,
  ...conversationHandlers,
  ...moderationHandlers,
  ...authHandlers,
  ...readingHandlers,
  ...threadHandlers,
};
