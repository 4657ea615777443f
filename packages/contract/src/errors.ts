import { z } from "zod";
import { ERROR_CODES } from "./chat-error.ts";

/** The class lives apart from its schemas, so that a browser which throws it need not load zod. */
export { ChatError, ERROR_CODES, type Retry } from "./chat-error.ts";

export type ErrorCode = keyof typeof ERROR_CODES;
export const ErrorCode = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);

/** The error of an ack, and the core of a REST problem body (RFC 9457 adds type, title, status). */
export const WireError = z
  .object({
    code: ErrorCode,
    reason: z.string().meta({ description: "Machine-readable detail, e.g. `token_expired`" }),
    message: z.string().meta({ description: "For a developer to read" }),
    retryAfterMs: z.int().min(0).optional(),
    requestId: z.string().optional(),
  })
  .meta({ id: "Error" });
export type WireError = z.infer<typeof WireError>;

export const Problem = WireError.extend({
  type: z.string(),
  title: z.string(),
  status: z.int(),
}).meta({ id: "Problem" });
export type Problem = z.infer<typeof Problem>;
