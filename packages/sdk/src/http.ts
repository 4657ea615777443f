import { ChatError, ERROR_CODES, type ErrorCode, type ROUTES, type RouteName } from "@confab/contract";
import { errorFromWire } from "./runtime.ts";
import type { Tokens } from "./tokens.ts";

const HTTP_DEADLINE_MS = 10_000;

type Routes = typeof ROUTES;

/** Repeats the contract's paths, so that its schemas stay out of the bundle; the compiler compares. */
const PATHS = {
  register: ["POST", "/v1/auth/register"],
  login: ["POST", "/v1/auth/login"],
  refresh: ["POST", "/v1/auth/refresh"],
  logout: ["POST", "/v1/auth/logout"],
  jwks: ["GET", "/.well-known/jwks.json"],
  getMe: ["GET", "/v1/me"],
  updateMe: ["PATCH", "/v1/me"],
  searchUsers: ["GET", "/v1/users"],
  getUser: ["GET", "/v1/users/:userId"],
  getPresences: ["GET", "/v1/presences"],
  createConversation: ["POST", "/v1/conversations"],
  listConversations: ["GET", "/v1/conversations"],
  getConversation: ["GET", "/v1/conversations/:conversationId"],
  updateConversation: ["PATCH", "/v1/conversations/:conversationId"],
  addMember: ["PUT", "/v1/conversations/:conversationId/members/:userId"],
  changeRole: ["PATCH", "/v1/conversations/:conversationId/members/:userId"],
  removeMember: ["DELETE", "/v1/conversations/:conversationId/members/:userId"],
  listMessages: ["GET", "/v1/conversations/:conversationId/messages"],
  sendMessage: ["POST", "/v1/conversations/:conversationId/messages"],
  editMessage: ["PATCH", "/v1/messages/:messageId"],
  deleteMessage: ["DELETE", "/v1/messages/:messageId"],
  addReaction: ["PUT", "/v1/messages/:messageId/reactions/:emoji"],
  removeReaction: ["DELETE", "/v1/messages/:messageId/reactions/:emoji"],
  pinMessage: ["PUT", "/v1/messages/:messageId/pin"],
  unpinMessage: ["DELETE", "/v1/messages/:messageId/pin"],
  listPins: ["GET", "/v1/conversations/:conversationId/pins"],
  markReceipts: ["POST", "/v1/conversations/:conversationId/receipts"],
  sync: ["POST", "/v1/sync"],
  listBlocks: ["GET", "/v1/blocks"],
  blockUser: ["PUT", "/v1/blocks/:userId"],
  unblockUser: ["DELETE", "/v1/blocks/:userId"],
  listBans: ["GET", "/v1/conversations/:conversationId/bans"],
  banMember: ["PUT", "/v1/conversations/:conversationId/bans/:userId"],
  unbanMember: ["DELETE", "/v1/conversations/:conversationId/bans/:userId"],
  reportMessage: ["POST", "/v1/messages/:messageId/reports"],
  listReports: ["GET", "/v1/conversations/:conversationId/reports"],
  getReport: ["GET", "/v1/reports/:reportId"],
  handleReport: ["PATCH", "/v1/reports/:reportId"],
  listAudit: ["GET", "/v1/conversations/:conversationId/audit"],
  readMessage: ["POST", "/v1/messages/:messageId/read"],
  readAll: ["POST", "/v1/receipts/read-all"],
  markUnread: ["POST", "/v1/conversations/:conversationId/unread"],
  listReaders: ["GET", "/v1/messages/:messageId/readers"],
  setPersonal: ["PATCH", "/v1/conversations/:conversationId/personal"],
  syncPersonal: ["POST", "/v1/me/sync"],
  setDraft: ["PUT", "/v1/conversations/:conversationId/draft"],
  search: ["GET", "/v1/search"],
  listThreads: ["GET", "/v1/threads"],
  getThread: ["GET", "/v1/messages/:messageId/thread"],
  readThread: ["POST", "/v1/messages/:messageId/thread/read"],
  followThread: ["PUT", "/v1/messages/:messageId/thread/follow"],
  unfollowThread: ["DELETE", "/v1/messages/:messageId/thread/follow"],
  listEdits: ["GET", "/v1/messages/:messageId/edits"],
} as const satisfies { [N in RouteName]?: readonly [Routes[N]["method"], Routes[N]["path"]] };

/** The routes that a client may call; those for services are not among them. */
export type HttpRouteName = keyof typeof PATHS;

export type InputOf<N extends RouteName, K extends string> = Routes[N] extends {
  [P in K]: { _zod: { input: infer I } };
}
  ? I
  : never;
type Required<K extends string, V> = [V] extends [never] ? unknown : { [P in K]: V };

/** Path parameters, query and body of a route, as the contract states them. */
export type HttpInput<N extends HttpRouteName> = Required<"params", InputOf<N, "params">> &
  ([InputOf<N, "query">] extends [never] ? unknown : { query?: InputOf<N, "query"> }) &
  Required<"body", InputOf<N, "body">> & { signal?: AbortSignal };

export type HttpReply<N extends HttpRouteName> = Routes[N] extends { reply: { _zod: { output: infer O } } }
  ? O
  : undefined;

interface LooseInput {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal;
}

export type Http = <N extends HttpRouteName>(route: N, input?: HttpInput<N>) => Promise<HttpReply<N>>;

/** REST with a deadline of 10 s; every failure is a ChatError. A refused token is replaced once. */
export function createHttp(options: { url: string; fetch?: typeof fetch; tokens?: Tokens }): Http {
  return async <N extends HttpRouteName>(route: N, input?: HttpInput<N>): Promise<HttpReply<N>> => {
    const loose = (input ?? {}) as LooseInput;
    const token = await options.tokens?.current();
    try {
      return (await callRest(options, PATHS[route], loose, token)) as HttpReply<N>;
    } catch (error) {
      if (!(error instanceof ChatError) || error.code !== "unauthenticated" || token === undefined)
        throw error;
      const fresh = await options.tokens?.replace(token);
      return (await callRest(options, PATHS[route], loose, fresh)) as HttpReply<N>;
    }
  };
}

/** One call within its deadline. @throws ChatError: the server's, or `timeout`, `unavailable` */
export async function callRest(
  options: { url: string; fetch?: typeof fetch },
  [method, path]: readonly [method: string, path: string],
  input: LooseInput,
  token: string | undefined,
): Promise<unknown> {
  const url = new URL(
    path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(input.params?.[name] ?? "")),
    options.url,
  );
  for (const [name, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const deadline = AbortSignal.timeout(HTTP_DEADLINE_MS);
  try {
    const response = await (options.fetch ?? fetch)(url, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(input.body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: input.body === undefined ? undefined : JSON.stringify(input.body),
      signal: input.signal === undefined ? deadline : AbortSignal.any([input.signal, deadline]),
    });
    if (!response.ok) throw await errorFromResponse(response);
    return response.status === 204 ? undefined : await response.json();
  } catch (error) {
    if (error instanceof ChatError) throw error;
    if (deadline.aborted) throw new ChatError("timeout", { cause: error });
    throw new ChatError("unavailable", {
      reason: input.signal?.aborted ? "aborted" : "network",
      cause: error,
    });
  }
}

async function errorFromResponse(response: Response): Promise<ChatError> {
  const problem = await response.json().catch(() => undefined);
  if (typeof problem?.code === "string") return errorFromWire(problem);
  // A proxy answered, not Confab.
  const known = Object.entries(ERROR_CODES).find(([, row]) => row.status === response.status);
  return new ChatError((known?.[0] as ErrorCode | undefined) ?? "unavailable", {
    reason: `status_${response.status}`,
  });
}
