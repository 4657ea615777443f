import { z } from "zod";
import { ConversationId, MessageId, UserId } from "../ids.ts";
import { LIMITS, type RateLimitName } from "../limits.ts";

export interface HttpRoute {
  about: string;
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Fastify form; `:name` is a path parameter. */
  path: string;
  /** Who may call: anyone, a signed-in user, or a service by its token. */
  auth: "none" | "user" | "service";
  params?: z.ZodObject;
  query?: z.ZodType;
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** Success status; the reply is empty when there is no `reply`. */
  status: 200 | 201 | 204;
  reply?: z.ZodType;
  limit?: RateLimitName;
}

/** The query of a list. */
export const Page = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(LIMITS.listPage).default(50),
});
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const ConversationParams = z.object({ conversationId: ConversationId });
export const MessageParams = z.object({ messageId: MessageId });
export const MemberParams = ConversationParams.extend({ userId: UserId });
export const IdempotencyKey = z.object({ "idempotency-key": z.string().min(1).max(200).optional() });
