import { z } from "zod";
import {
  DeleteMessage,
  EditMessage,
  MessageRef,
  ReactionRef,
  SendMessage,
  SendReceipt,
} from "../commands.ts";
import { CustomStatus, Presence, PresenceStatus, Watermarks } from "../entities.ts";
import { WireError } from "../errors.ts";
import { HeadsReply, SyncReply, SyncRequest } from "../events.ts";
import { GROUP_COMMANDS } from "../groups.ts";
import { ConversationId, Revision, Seq, UserId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { MODERATION_COMMANDS } from "../moderation.ts";
import { SetStatus } from "../people.ts";
import { READING_COMMANDS } from "../reading.ts";
import { SEARCH_COMMANDS } from "../search.ts";
import { THREAD_COMMANDS } from "../threads.ts";

/** One item's outcome in a batch: neighbours of a refused item are not touched. */
const outcome = <T extends z.ZodType>(value: T) =>
  z.union([z.object({ ok: z.literal(true), value }), z.object({ ok: z.literal(false), error: WireError })]);
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: z.infer<typeof WireError> };

/** A command on behalf of somebody whom the gateway has authenticated. */
const command = <N extends string, P extends z.ZodType>(name: N, payload: P) =>
  z.object({ name: z.literal(name), payload });

export const ForwardedCommand = z.discriminatedUnion("name", [
  command("message:edit", EditMessage),
  command("message:delete", DeleteMessage),
  command("message:pin", MessageRef),
  command("message:unpin", MessageRef),
  command("reaction:add", ReactionRef),
  command("reaction:remove", ReactionRef),
  command("status:set", SetStatus),
  command("conversation:create", GROUP_COMMANDS["conversation:create"].payload),
  command("conversation:update", GROUP_COMMANDS["conversation:update"].payload),
  command("member:add", GROUP_COMMANDS["member:add"].payload),
  command("member:change", GROUP_COMMANDS["member:change"].payload),
  command("member:remove", GROUP_COMMANDS["member:remove"].payload),
  command("user:block", MODERATION_COMMANDS["user:block"].payload),
  command("user:unblock", MODERATION_COMMANDS["user:unblock"].payload),
  command("member:ban", MODERATION_COMMANDS["member:ban"].payload),
  command("member:unban", MODERATION_COMMANDS["member:unban"].payload),
  command("message:report", MODERATION_COMMANDS["message:report"].payload),
  command("report:handle", MODERATION_COMMANDS["report:handle"].payload),
  command("receipt:readMessage", READING_COMMANDS["receipt:readMessage"].payload),
  command("receipt:readAll", READING_COMMANDS["receipt:readAll"].payload),
  command("receipt:unread", READING_COMMANDS["receipt:unread"].payload),
  command("message:readers", READING_COMMANDS["message:readers"].payload),
  command("personal:set", READING_COMMANDS["personal:set"].payload),
  command("personal:sync", READING_COMMANDS["personal:sync"].payload),
  command("draft:set", READING_COMMANDS["draft:set"].payload),
  command("thread:read", THREAD_COMMANDS["thread:read"].payload),
  command("thread:follow", THREAD_COMMANDS["thread:follow"].payload),
  command("thread:unfollow", THREAD_COMMANDS["thread:unfollow"].payload),
  command("thread:messages", THREAD_COMMANDS["thread:messages"].payload),
  command("thread:list", THREAD_COMMANDS["thread:list"].payload),
  command("message:edits", THREAD_COMMANDS["message:edits"].payload),
  command("message:search", SEARCH_COMMANDS["message:search"].payload),
  command("conversation:sync", SyncRequest),
  command("conversation:heads", z.object({})),
]);
export type ForwardedCommand = z.infer<typeof ForwardedCommand>;

export const ReceiptItem = z.object({
  userId: UserId,
  conversationId: ConversationId,
  deliveredSeq: Seq.optional(),
  readSeq: Seq.optional(),
});
export type ReceiptItem = z.infer<typeof ReceiptItem>;

/**
 * A lease keeps a connection's user online until it lapses. `open` and `beat` take or renew it, `close` gives
 * it back; `left` says that the client meant to go (no grace). `active` absent: as it was.
 */
export const LeaseChange = z.object({
  connectionId: z.string(),
  userId: UserId,
  change: z.enum(["open", "beat", "close"]),
  active: z.boolean().optional(),
  left: z.boolean().optional(),
});
export type LeaseChange = z.infer<typeof LeaseChange>;

/** In a storm a gateway's turns are long, and each carries so many people at most: two statements either way. */
export const SESSIONS_PER_REQUEST = 256;

/** Somebody connects, and has shown who they are. */
export const SessionRequest = z.object({
  userId: UserId,
  /** Only of tokens that Confab signed: one whose session has ended is `unauthenticated`. */
  sessionId: z.string().max(64).optional(),
  name: z.string().max(100).optional(),
  picture: z.string().optional(),
});
export type SessionRequest = z.infer<typeof SessionRequest>;

/** What a new connection needs to begin: who it is, where it stands, which rooms it hears. */
export const OpenedSession = HeadsReply.omit({ serverTime: true }).extend({
  displayName: z.string(),
  groupIds: z.array(ConversationId),
});
export type OpenedSession = z.infer<typeof OpenedSession>;

/** Somebody asks for what changed after their cursors. */
export const SyncItem = SyncRequest.extend({ userId: UserId });
export type SyncItem = z.infer<typeof SyncItem>;

/** Their replies come back as one, so they are few, and syncs of many conversations go alone. */
export const SYNCS_PER_REQUEST = 16;

export interface InternalRoute {
  /** All are POST: a request may be retried, each names what must be idempotent. */
  path: `/internal/${string}`;
  body: z.ZodType;
  reply: z.ZodType;
}

/** Answered by the message service. */
export const MESSAGE_RPC = {
  sendMessages: {
    path: "/internal/messages",
    body: z.object({
      items: z.array(z.object({ actorId: UserId, message: SendMessage })).max(LIMITS.batchItems),
    }),
    reply: z.object({ results: z.array(outcome(SendReceipt)) }),
  },
  runCommand: {
    path: "/internal/commands",
    body: z.object({ actorId: UserId, command: ForwardedCommand }),
    /** The command's ack without `ok`. */
    reply: z.record(z.string(), z.unknown()),
  },
  /** Syncs of several people; who is refused does not concern the others. */
  syncAll: {
    path: "/internal/syncs",
    body: z.object({ items: z.array(SyncItem).max(SYNCS_PER_REQUEST) }),
    reply: z.object({ results: z.array(outcome(SyncReply)) }),
  },
  markReceipts: {
    path: "/internal/receipts",
    body: z.object({ items: z.array(ReceiptItem).max(512) }),
    reply: z.object({ results: z.array(outcome(Watermarks)) }),
  },
  /** For new connections: makes people known for whom an outside issuer vouches. */
  openSessions: {
    path: "/internal/sessions",
    body: z.object({ items: z.array(SessionRequest).max(SESSIONS_PER_REQUEST) }),
    reply: z.object({ results: z.array(outcome(OpenedSession)) }),
  },
  /**
   * Revisions of all recently active conversations of these people. `groupIds`: every group that each of them
   * is in, so that a gateway which missed a change of members puts its rooms right. `endedSessionIds`: those of
   * `sessionIds` that are over, so that one which missed their end closes their sockets.
   */
  getRevisions: {
    path: "/internal/revisions",
    body: z.object({
      userIds: z.array(UserId).max(500),
      sessionIds: z.array(z.string().max(64)).max(500).default([]),
    }),
    reply: z.object({
      revisions: z.record(UserId, z.record(ConversationId, Revision)),
      groupIds: z.record(UserId, z.array(ConversationId)),
      endedSessionIds: z.array(z.string()),
    }),
  },
  /** `not_found` unless the user is a member. `peerId`: the other person of a direct conversation; null while one
   * blocks the other. */
  getAccess: {
    path: "/internal/access",
    body: z.object({ userId: UserId, conversationId: ConversationId }),
    reply: z.object({ kind: z.enum(["direct", "group"]), peerId: UserId.nullable() }),
  },
} as const satisfies Record<string, InternalRoute>;

/** What somebody says of themselves, or lets others see, has changed; of two, the one with the higher version is the later. */
export const PublishedPerson = z.object({
  userId: UserId,
  custom: CustomStatus.nullable(),
  customVersion: z.int(),
  /** Who may see them has changed: every watcher is asked about again before anything is told. */
  recheck: z.boolean(),
});
export type PublishedPerson = z.infer<typeof PublishedPerson>;

/** Answered by the presence service. */
export const PRESENCE_RPC = {
  changeLeases: {
    path: "/internal/leases",
    body: z.object({ gatewayId: z.string(), changes: z.array(LeaseChange).max(20_000) }),
    /** For each `open`, whether the connection counts as active. */
    reply: z.object({ opened: z.record(z.string(), z.boolean()) }),
  },
  /** Only people whose presence the viewer may see are in the answer. */
  getPresences: {
    path: "/internal/presences",
    body: z.object({ viewerId: UserId, userIds: z.array(UserId).max(LIMITS.usersPerWatch) }),
    reply: z.object({ presences: z.array(Presence) }),
  },
  /** For other services: no viewer, no filter. */
  getStatuses: {
    path: "/internal/statuses",
    body: z.object({ userIds: z.array(UserId).max(1000) }),
    reply: z.object({ statuses: z.record(UserId, PresenceStatus) }),
  },
  /** Tells watchers; what is lost here they learn with their next check. */
  announcePeople: {
    path: "/internal/people",
    body: z.object({ people: z.array(PublishedPerson).max(1000) }),
    reply: z.object({}),
  },
} as const satisfies Record<string, InternalRoute>;

/**
 * What goes over `presenceChannel`, beside `PublishedPerson`. Several instances publish: a version below the last one
 * heard is old news that took longer.
 */
export const PublishedPresence = Presence.omit({ custom: true }).extend({ version: z.int() });
export type PublishedPresence = z.infer<typeof PublishedPresence>;
export const PresenceNews = z.union([PublishedPerson, PublishedPresence]);
export type PresenceNews = z.infer<typeof PresenceNews>;
