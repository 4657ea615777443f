/**
 * P4: after a time in which messages may have been missed, clients are told how far their conversations have
 * come, and ask for what they lack. P9: rooms that a socket should or should not be in are put right, too, and
 * sockets of sessions that have ended are closed.
 */
import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import type { ConversationId, EventPayload, UserId } from "@confab/contract";
import {
  conversationRoom,
  isConversationRoom,
  MESSAGE_RPC,
  type OpenedSession,
  userRoom,
} from "@confab/contract/internal";
import { Batcher, type Logger, type RpcClient } from "@confab/runtime";
import type { GatewayMetrics } from "./metrics.ts";
import { type GatewaySocket, type Io, type SocketData, signedInSockets, socketsInRoom } from "./socket.ts";

const BATCH_SOCKETS = 500;
const MAX_WAITING = 100_000;
const SLICE_MS = 100;
const RETRY_MS = 1000;
const MAX_ROUNDS = 3;

type Asker = Pick<SocketData, "userId" | "sessionId">;
type Revisions = EventPayload<"head">["revisions"];
interface Standing {
  revisions: Revisions;
  groupIds: ConversationId[];
  hasEnded: boolean;
}

export interface HealerOptions {
  message: RpcClient;
  io: Io;
  metrics: GatewayMetrics;
  log: Logger;
  random: () => number;
  spreadMs: number;
  /** Resolves once every room that was joined is heard. */
  subscribed: () => Promise<void>;
}

export class Healer implements Disposable {
  readonly #options: HealerOptions;
  readonly #standings: Batcher<Asker, Standing>;
  readonly #slices = new Set<NodeJS.Timeout>();
  #healing = false;
  #again = false;
  #disposed = false;

  constructor(options: HealerOptions) {
    this.#options = options;
    this.#standings = new Batcher({
      maxItems: BATCH_SOCKETS,
      maxWaiting: MAX_WAITING,
      run: (askers) => this.#ask(askers),
    });
  }

  /** Tells a socket that has just begun to listen what changed after the message service spoke of it. */
  async catchUp(socket: GatewaySocket, opened: OpenedSession): Promise<void> {
    const standing = await this.#reconcilePatiently(socket);
    if (!standing) return;
    const known = new Map(opened.heads.map(({ conversationId, revision }) => [conversationId, revision]));
    // One that is not among the heads is new, or one of the many that `ready` left out.
    const ifUnknown = opened.hasMore ? Number.POSITIVE_INFINITY : -1;
    const news = Object.entries(standing.revisions).filter(
      ([conversationId, revision]) => revision > (known.get(conversationId) ?? ifUnknown),
    );
    this.#tell(socket, Object.fromEntries(news), "connected");
  }

  /** Does it for one person, of whom something could not be said in time. */
  recheck(userId: UserId): void {
    for (const socket of socketsInRoom(this.#options.io, userRoom(userId))) {
      void this.#reconcilePatiently(socket).then((standing) => {
        if (standing) this.#tell(socket, standing.revisions, "gap");
      });
    }
  }

  /** Does it for everyone, once at a time; asked for while it is under way, it starts over afterwards. */
  heal(cause: "reconnected" | "canary"): void {
    this.#options.metrics.heals.inc({ cause });
    this.#again = true;
    if (!this.#healing) void this.#healAll();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const timer of this.#slices) clearTimeout(timer);
  }

  async #healAll(): Promise<void> {
    this.#healing = true;
    while (this.#again && !this.#disposed) {
      this.#again = false;
      try {
        await this.#healOnce();
      } catch (error) {
        this.#options.log.warn({ err: error }, "heads could not be asked for; trying again");
        this.#again = true;
        await setTimeoutPromise(RETRY_MS, undefined, { ref: false });
      }
    }
    this.#healing = false;
  }

  async #healOnce(): Promise<void> {
    const slices = Array.from(
      { length: Math.ceil(this.#options.spreadMs / SLICE_MS) || 1 },
      (): (() => void)[] => [],
    );
    const heal = async (socket: GatewaySocket): Promise<void> => {
      const standing = await this.#reconcile(socket);
      const slice = slices[Math.floor(this.#options.random() * slices.length)];
      if (standing) slice?.push(() => this.#tell(socket, standing.revisions, "gap"));
    };
    await Promise.all([...signedInSockets(this.#options.io)].map(heal));
    for (const [index, frames] of slices.entries()) {
      if (frames.length > 0) this.#after(index * SLICE_MS, frames);
    }
  }

  #after(delayMs: number, frames: (() => void)[]): void {
    const timer = setTimeout(() => {
      this.#slices.delete(timer);
      for (const tell of frames) tell();
    }, delayMs);
    this.#slices.add(timer);
  }

  async #reconcilePatiently(socket: GatewaySocket): Promise<Standing | undefined> {
    while (socket.connected && !this.#disposed) {
      try {
        return await this.#reconcile(socket);
      } catch {
        // Scattered, as all who connected at the same time fail at the same time.
        await setTimeoutPromise(RETRY_MS * (1 + this.#options.random()), undefined, { ref: false });
      }
    }
    return undefined;
  }

  /** Where the socket's person stands; asked once more after its rooms had to be corrected. */
  async #reconcile(socket: GatewaySocket): Promise<Standing | undefined> {
    for (let round = 1; ; round += 1) {
      const before = new Set(socket.rooms);
      const { userId, sessionId } = socket.data;
      const standing = await this.#standings.add({ userId, sessionId });
      // A later token may have brought another session.
      if (standing.hasEnded && socket.data.sessionId === sessionId) socket.disconnect(true);
      if (!socket.connected) return undefined;
      if (!correctRooms(socket, before, standing.groupIds) || round === MAX_ROUNDS) return standing;
      await this.#options.subscribed();
    }
  }

  async #ask(askers: Asker[]): Promise<Standing[]> {
    const sessionIds = askers.flatMap(({ sessionId }) => sessionId ?? []);
    const body = {
      userIds: [...new Set(askers.map(({ userId }) => userId))],
      sessionIds: [...new Set(sessionIds)],
    };
    const reply = await this.#options.message.call(MESSAGE_RPC.getRevisions, body);
    const revisionsOf = new Map(Object.entries(reply.revisions));
    const groupsOf = new Map(Object.entries(reply.groupIds));
    const ended = new Set(reply.endedSessionIds);
    return askers.map(({ userId, sessionId }) => ({
      revisions: revisionsOf.get(userId) ?? {},
      groupIds: groupsOf.get(userId) ?? [],
      hasEnded: sessionId !== undefined && ended.has(sessionId),
    }));
  }

  #tell(socket: GatewaySocket, revisions: Revisions, cause: "connected" | "gap"): void {
    if (!socket.connected || Object.keys(revisions).length === 0) return;
    this.#options.metrics.headFrames.inc({ cause });
    socket.emit("head", { revisions });
  }
}

/**
 * True when a room was joined or left. What happened to the socket since `before` is newer than the answer, so
 * only rooms that it was or was not in then are touched.
 */
function correctRooms(
  socket: GatewaySocket,
  before: ReadonlySet<string>,
  groupIds: ConversationId[],
): boolean {
  const wanted = new Set(groupIds.map(conversationRoom));
  const missing = [...wanted].filter((name) => !before.has(name) && !socket.rooms.has(name));
  const extra = [...before].filter(
    (name) => isConversationRoom(name) && !wanted.has(name) && socket.rooms.has(name),
  );
  if (missing.length > 0) void socket.join(missing);
  for (const name of extra) void socket.leave(name);
  return missing.length + extra.length > 0;
}
