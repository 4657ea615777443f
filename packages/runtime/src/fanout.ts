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
/** What gateways were not told heals by nothing else, so more is kept of it. */
const MAX_UNTOLD = 100_000;

/**
 * The only emitter. One publish per room (the adapter sends an emit to several rooms to every gateway).
 * Published at least once (P4): an event that Redis did not take is followed, when it takes events again, by a
 * `head` frame to the same room, which makes its clients ask for what they lack. What gateways are to do (P9) is
 * said until Redis takes it.
 */
export class Fanout implements AsyncDisposable {
  readonly #io: Server;
  readonly #ownsIo: boolean;
  readonly #realtime: Realtime;
  readonly #unannounced = new Map<string, Map<ConversationId, number>>();
  /** What gateways have yet to be told, by what it is about. */
  readonly #untold = new Map<string, () => void>();
  readonly #timer: NodeJS.Timeout;
  /** What follows if Redis does not take it; set for the length of one emit: the adapter publishes within it. */
  #onLost: (() => void) | undefined;

  /** `io`: the gateway's own server, which stays its own; other services publish through one without a port. */
  constructor(realtime: Realtime, io?: Server) {
    this.#io = io ?? new Server({ adapter: realtime.adapter });
    this.#ownsIo = io === undefined;
    this.#realtime = realtime;
    realtime.onPublish(() => this.#onLost);
    this.#timer = setInterval(() => this.#sayAgain(), RETRY_MS);
    this.#timer.unref();
  }

  /** Rooms and gateways that have yet to hear of something. */
  get unannounced(): number {
    return this.#unannounced.size + this.#untold.size;
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
    const room = conversationRoom(conversationId);
    for (const userId of userIds) this.#move(userId, () => this.#io.in(userRoom(userId)).socketsJoin(room));
  }

  leave(userId: UserId, conversationId: ConversationId): void {
    const room = conversationRoom(conversationId);
    this.#move(userId, () => this.#io.in(userRoom(userId)).socketsLeave(room));
  }

  /** Closes the sockets of one session on every gateway. */
  revokeSession(session: { userId: UserId; sessionId: string }): void {
    const tell = () => this.#io.serverSideEmit(SERVER_EVENTS.sessionRevoked, session);
    this.#tell(`session ${session.sessionId}`, tell);
  }

  /** Who of these two may know of the other has changed: gateways ask again. */
  announceBlock(userIds: readonly UserId[]): void {
    const tell = () => this.#io.serverSideEmit(SERVER_EVENTS.blocksChanged, { userIds });
    this.#tell(`block ${userIds.join(" ")}`, tell);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    // A server without a port has no engine, which its own close() takes for granted.
    if (this.#ownsIo) await this.#io.of("/").adapter.close();
  }

  #say(room: string, event: string, payload: unknown, head: AnnouncedHead | undefined): void {
    const onLost = head && (() => this.#remember(room, head));
    this.#attempt(() => this.#io.to(room).emit(event, payload), onLost);
  }

  /**
   * Lost, a move is not repeated: by then another process may have made another one. Gateways ask how it ended.
   */
  #move(userId: UserId, move: () => void): void {
    const ask = () => this.#io.serverSideEmit(SERVER_EVENTS.standingChanged, { userId });
    this.#tell(`standing ${userId}`, move, ask);
  }

  #tell(about: string, tell: () => unknown, again = tell): void {
    this.#attempt(tell, () => {
      if (this.#untold.size < MAX_UNTOLD) this.#untold.set(about, () => this.#tell(about, again));
    });
  }

  #attempt(emit: () => unknown, onLost: (() => void) | undefined): void {
    this.#onLost = onLost;
    try {
      emit();
    } finally {
      this.#onLost = undefined;
    }
  }

  #remember(room: string, head: AnnouncedHead): void {
    const heads = this.#unannounced.get(room) ?? new Map<ConversationId, number>();
    heads.set(head.conversationId, Math.max(head.revision, heads.get(head.conversationId) ?? 0));
    if (this.#unannounced.size < MAX_UNANNOUNCED_ROOMS) this.#unannounced.set(room, heads);
  }

  #sayAgain(): void {
    if (this.unannounced === 0 || this.#realtime.publisher.status !== "ready") return;
    const untold = [...this.#untold.values()];
    this.#untold.clear();
    for (const tell of untold) tell();
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
