import type { ConversationId, EventName, EventPayload, UserId } from "@confab/contract";
import { conversationRoom, SERVER_EVENTS, userRoom } from "@confab/contract/internal";
import { Server } from "socket.io";
import type { Realtime } from "./realtime.ts";

/** Who is to hear of something: both people of a direct conversation, or whoever is in a group. */
export type Audience =
  | { kind: "direct"; userIds: readonly UserId[] }
  | { kind: "group"; conversationId: ConversationId };

/** The state a client must reach; said again later if saying it failed. */
export interface AnnouncedHead {
  conversationId: ConversationId;
  revision: number;
}

const roomsOf = (audience: Audience): string[] =>
  audience.kind === "direct"
    ? [...new Set(audience.userIds)].map(userRoom)
    : [conversationRoom(audience.conversationId)];

const RETRY_MS = 1000;
/** Beyond this the clients' own question for heads, once a minute, heals what is left. */
const MAX_UNANNOUNCED_ROOMS = 10_000;

/**
 * The only emitter. One publish per room (the adapter sends an emit to several rooms to every gateway).
 * Published at least once (P4): an event that Redis did not take is followed, when it takes events again, by a
 * `head` frame to the same room, which makes its clients ask for what they lack.
 */
export class Fanout implements AsyncDisposable {
  readonly #io: Server;
  readonly #ownsIo: boolean;
  readonly #realtime: Realtime;
  readonly #unannounced = new Map<string, Map<ConversationId, number>>();
  readonly #timer: NodeJS.Timeout;
  /** Set for the length of one emit: the adapter publishes within it. */
  #saying: { room: string; head: AnnouncedHead } | undefined;

  /** `io`: the gateway's own server, which stays its own; other services publish through one without a port. */
  constructor(realtime: Realtime, io?: Server) {
    this.#io = io ?? new Server({ adapter: realtime.adapter });
    this.#ownsIo = io === undefined;
    this.#realtime = realtime;
    realtime.onPublish(() => {
      const saying = this.#saying;
      return saying && (() => this.#remember(saying.room, saying.head));
    });
    this.#timer = setInterval(() => this.#announceAgain(), RETRY_MS);
    this.#timer.unref();
  }

  /** Rooms that have yet to hear of something; for the metric. */
  get unannounced(): number {
    return this.#unannounced.size;
  }

  emit<N extends EventName>(
    audience: Audience,
    event: N,
    payload: EventPayload<N>,
    head?: AnnouncedHead,
  ): void {
    for (const room of roomsOf(audience)) this.#say(room, event, payload, head);
  }

  /** For what is worth nothing a moment later: not sent to a device that is still busy with something else. */
  emitVolatile<N extends EventName>(audience: Audience, event: N, payload: EventPayload<N>): void {
    for (const room of roomsOf(audience)) this.#io.to(room).volatile.emit(event, payload);
  }

  emitToUser<N extends EventName>(
    userId: UserId,
    event: N,
    payload: EventPayload<N>,
    head?: AnnouncedHead,
  ): void {
    this.#say(userRoom(userId), event, payload, head);
  }

  /** From now on every device of these people hears the group. */
  join(userIds: readonly UserId[], conversationId: ConversationId): void {
    for (const userId of userIds) this.#io.in(userRoom(userId)).socketsJoin(conversationRoom(conversationId));
  }

  leave(userId: UserId, conversationId: ConversationId): void {
    this.#io.in(userRoom(userId)).socketsLeave(conversationRoom(conversationId));
  }

  /** Closes the sockets of one session on every gateway. */
  revokeSession(session: { userId: UserId; sessionId: string }): void {
    this.#io.serverSideEmit(SERVER_EVENTS.sessionRevoked, session);
  }

  /** Who of these two may know of the other has changed: gateways ask again. */
  announceBlock(userIds: readonly UserId[]): void {
    this.#io.serverSideEmit(SERVER_EVENTS.blocksChanged, { userIds });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    // A server without a port has no engine, which its own close() takes for granted.
    if (this.#ownsIo) await this.#io.of("/").adapter.close();
  }

  #say(room: string, event: string, payload: unknown, head: AnnouncedHead | undefined): void {
    this.#saying = head && { room, head };
    try {
      this.#io.to(room).emit(event, payload);
    } finally {
      this.#saying = undefined;
    }
  }

  #remember(room: string, head: AnnouncedHead): void {
    const heads = this.#unannounced.get(room) ?? new Map<ConversationId, number>();
    heads.set(head.conversationId, Math.max(head.revision, heads.get(head.conversationId) ?? 0));
    if (this.#unannounced.size < MAX_UNANNOUNCED_ROOMS) this.#unannounced.set(room, heads);
  }

  #announceAgain(): void {
    if (this.#unannounced.size === 0 || this.#realtime.publisher.status !== "ready") return;
    const waiting = [...this.#unannounced];
    this.#unannounced.clear();
    for (const [room, heads] of waiting) {
      for (const [conversationId, revision] of heads) {
        const payload: EventPayload<"head"> = { revisions: { [conversationId]: revision } };
        this.#say(room, "head", payload, { conversationId, revision });
      }
    }
  }
}
