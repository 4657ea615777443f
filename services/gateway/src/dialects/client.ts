/**
 * One socket whose client speaks a dialect. To the rest of the gateway it is a socket like any other: what is sent to it,
 * alone or as one of a room, arrives here in Confab's words (`hear`), and only what is written here leaves.
 */
import type { ConversationId, Head, UserId } from "@confab/contract";
import type { Dialect } from "@confab/contract/internal";
import type { GatewaySocket } from "../socket.ts";
import { type Frame, intercept, type Write } from "./edge.ts";

type Positions = Map<ConversationId, number>;

export interface Typist {
  conversationId: ConversationId;
  userId: UserId;
  forgottenAtMs: number;
}

export class DialectClient {
  readonly socket: GatewaySocket;
  /** Undefined until its first event or its silence tells. */
  dialect: Dialect | undefined;
  /** How far it was told of each conversation's messages. */
  readonly cursors: Positions = new Map();
  /** Conversations that it asked to hear, in dialects that ask. */
  readonly listened = new Set<ConversationId>();
  /** Keys of messages that it sent and that have not come back, and whether it is told of them by an ack. */
  readonly own = new Map<string, { acked: boolean }>();
  /** What it believes of people's presence, in its own words. */
  readonly told = new Map<UserId, string>();
  readonly typists = new Map<string, Typist>();
  /** Written, and not yet known to have arrived. */
  readonly unconfirmed: Positions = new Map();
  /** What each ping under way will confirm. */
  readonly pings: Positions[] = [];
  /** The client said that its window has focus. */
  focused = false;
  /** Inbound events that wait for those before them. */
  waiting = 0;
  #inbound: Promise<unknown> = Promise.resolve();
  #outbound: Promise<unknown>;
  readonly #decided = Promise.withResolvers<void>();
  readonly #write: Write;
  readonly #onFault: (error: unknown) => void;

  constructor(
    socket: GatewaySocket,
    options: {
      dialect: Dialect | undefined;
      hear: (client: DialectClient, event: string, payload: unknown) => void;
      onFault: (error: unknown) => void;
    },
  ) {
    this.socket = socket;
    this.#onFault = options.onFault;
    this.#write = intercept(socket, (event, payload) => options.hear(this, event, payload));
    this.#outbound = this.#decided.promise;
    if (options.dialect) this.decide(options.dialect);
  }

  get userId(): UserId {
    return this.socket.data.userId;
  }

  get isSignedIn(): boolean {
    return this.userId !== "";
  }

  /** Where its person stands; said before it hears anything, so that whatever comes finds its place. */
  begin(heads: readonly Head[]): void {
    for (const { conversationId, deliveredSeq } of heads) this.cursors.set(conversationId, deliveredSeq);
  }

  /** What it was sent meanwhile reaches it now. */
  decide(dialect: Dialect): void {
    this.dialect = dialect;
    this.#decided.resolve();
  }

  /** Events of the client are carried out in their order, one after the other. */
  takeIn(work: () => Promise<void>): void {
    this.waiting += 1;
    this.#inbound = this.#inbound
      .then(work)
      .catch(this.#onFault)
      .finally(() => {
        this.waiting -= 1;
      });
  }

  /** News reach the client in their order, each once the ones before it have been written. */
  sendOut(work: (dialect: Dialect) => Promise<void>): void {
    this.#outbound = this.#outbound
      .then(async () => {
        if (this.dialect && this.socket.connected) await work(this.dialect);
      })
      .catch(this.#onFault);
  }

  write(frames: readonly Frame[]): void {
    if (!this.socket.connected) return;
    for (const frame of frames) {
      if (frame.onlyFor !== undefined && frame.onlyFor !== this.userId) continue;
      if (frame.exceptFor !== undefined && frame.exceptFor === this.userId) continue;
      this.#write(frame);
    }
  }
}
