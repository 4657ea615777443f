import type { ErrorCode, WireError } from "./errors.ts";

/** Whether the same request may succeed later: never, after `retryAfterMs`, or with growing pauses. */
export type Retry = "never" | "after" | "backoff";

/** Every code that Confab answers with. Clients branch on the code; `reason` is free detail. */
export const ERROR_CODES = {
  invalid: { status: 400, retry: "never", message: "The request is not of the documented shape." },
  unauthenticated: { status: 401, retry: "never", message: "Sign in, or refresh the token, and try again." },
  forbidden: { status: 403, retry: "never", message: "You may not do this." },
  not_found: { status: 404, retry: "never", message: "There is no such thing, or it is not yours to see." },
  conflict: { status: 409, retry: "never", message: "This contradicts what is already there." },
  too_large: { status: 413, retry: "never", message: "The request is larger than is allowed." },
  unsupported_version: { status: 426, retry: "never", message: "This server does not speak that protocol." },
  rate_limited: { status: 429, retry: "after", message: "Too much at once; wait and try again." },
  internal: { status: 500, retry: "backoff", message: "Something failed on our side." },
  unavailable: { status: 503, retry: "backoff", message: "The service cannot answer now; try again." },
  timeout: { status: 504, retry: "backoff", message: "The service took too long; try again." },
} as const satisfies Record<string, { status: number; retry: Retry; message: string }>;

interface ChatErrorOptions {
  reason?: string;
  message?: string;
  retryAfterMs?: number;
  cause?: unknown;
}

/** The one error class. Thrown inside; turned into its wire form only by the router and the HTTP base. */
export class ChatError extends Error {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, options: ChatErrorOptions = {}) {
    super(options.message ?? ERROR_CODES[code].message, { cause: options.cause });
    this.name = "ChatError";
    this.code = code;
    this.reason = options.reason ?? code;
    this.retryAfterMs = options.retryAfterMs;
  }

  get retry(): Retry {
    return ERROR_CODES[this.code].retry;
  }

  toWire(requestId?: string): WireError {
    return {
      code: this.code,
      reason: this.reason,
      message: this.message,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: Math.ceil(this.retryAfterMs) }),
      ...(requestId === undefined ? {} : { requestId }),
    };
  }

  static fromWire(error: WireError): ChatError {
    return new ChatError(error.code, error);
  }
}
