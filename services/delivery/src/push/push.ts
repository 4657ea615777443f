import type { ConversationId, UserId } from "@confab/contract";

/** What a person's device is told. No text of a message: what is shown, the device fetches. */
export interface PushMessage {
  /** Stable over repeats: a device that got this tag before shows nothing new. */
  tag: string;
  userId: UserId;
  conversationId: ConversationId;
  fromSeq: number;
  toSeq: number;
}

/** The way to devices that hold no connection. */
export interface Push {
  /** At least once: called again with the same tag when it threw, or when the process ended within it. */
  send(message: PushMessage): Promise<void>;
}
