import { z } from "zod";

/** A person, bot or service: the host product's own id, or decimal digits that Confab minted. Case matters. */
export const UserId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/)
  .meta({ description: "User id: 1–64 of A–Z a–z 0–9 . _ : @ -" });
export type UserId = z.infer<typeof UserId>;

/** Decimal digits of a number below 2^53, so that clients which need numbers can have them. */
const Decimal = z.string().regex(/^[1-9][0-9]{0,15}$/);
export const ConversationId = Decimal.meta({ description: "Conversation id, decimal digits" });
export type ConversationId = z.infer<typeof ConversationId>;
export const MessageId = Decimal.meta({ description: "Message id, decimal digits" });
export type MessageId = z.infer<typeof MessageId>;

/** Minted by the client, one per message it means to send: the key that makes a retry harmless (P2). */
export const ClientMessageId = z.guid().toLowerCase().meta({ description: "UUID minted by the client" });
export type ClientMessageId = z.infer<typeof ClientMessageId>;

/** Position of a message in its conversation: 1, 2, 3 … without holes (P3). 0 is "before the first". */
export const Seq = z.int().min(0).max(4_294_967_295);
/** Count of changes in a conversation; every change raises it by one (P4). */
export const Revision = Seq;
