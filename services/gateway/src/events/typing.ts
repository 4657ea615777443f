/**
 * Who is typing where. A gateway knows only its own people, and clients are told the full set, so the set is in
 * Redis. It is volatile from end to end: whatever goes wrong, the clients forget it after 6 s without news.
 */
import { readFileSync } from "node:fs";
import { ChatError, type ConversationId, type UserId } from "@confab/contract";
import { MESSAGE_RPC, type RedisNames } from "@confab/contract/internal";
import type { Audience, Clock, Fanout, Redis, RpcClient } from "@confab/runtime";
import { LRUCache } from "lru-cache";
import type { GatewayMetrics } from "../metrics.ts";
import type { GatewaySocket } from "../socket.ts";
import type { Handlers } from "./types.ts";

const LUA = readFileSync(new URL("../lua/typing-1.lua", import.meta.url), "utf8");
/** Clients repeat `typing:start` every 2 s and forget after 6 s, so news may be 4 s apart and a bit. */
const ANNOUNCE_AGAIN_MS = 3000;
/** A person who was removed can type on for so long. */
const ACCESS_MS = 5000;
const SWEEP_MS = 500;

type RedisWithTyping = Redis & {
  confabTyping(
    key: string,
    userId: string,
    lastsMs: number,
    againMs: number,
  ): Promise<[changed: string, ...userIds: UserId[]] | null>;
};

interface Typist {
  socket: GatewaySocket;
  conversationId: ConversationId;
  lapsesAtMs: number;
}

export interface TypingOptions {
  redis: Redis;
  names: RedisNames;
  fanout: Fanout;
  message: RpcClient;
  clock: Clock;
  metrics: GatewayMetrics;
  ttlMs: number;
}

export class Typing implements Disposable {
  readonly #options: TypingOptions;
  readonly #redis: RedisWithTyping;
  /** By conversation and user: whom this gateway has said to be typing. */
  readonly #typists = new Map<string, Typist>();
  /** Promises, so that a stop that follows its start at once cannot overtake it. */
  readonly #access = new LRUCache<string, Promise<Audience>>({ max: 10_000, ttl: ACCESS_MS });
  readonly #timer: NodeJS.Timeout;

  constructor(options: TypingOptions) {
    this.#options = options;
    options.redis.defineCommand("confabTyping", { numberOfKeys: 1, lua: LUA });
    this.#redis = options.redis as RedisWithTyping;
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  /** @throws ChatError `not_found` unless the person is a member */
  async start(socket: GatewaySocket, conversationId: ConversationId): Promise<void> {
    const { userId } = socket.data;
    const audience = await this.#audience(userId, conversationId);
    if (!socket.connected) return;
    const lapsesAtMs = this.#options.clock.now() + this.#options.ttlMs;
    this.#typists.set(keyOf(userId, conversationId), { socket, conversationId, lapsesAtMs });
    await this.#note(audience, { userId, conversationId, lastsMs: this.#options.ttlMs });
  }

  async stop(socket: GatewaySocket, conversationId: ConversationId): Promise<void> {
    const { userId } = socket.data;
    // Awaited before looking: the start that this ends may be waiting for the same answer.
    const audience = await this.#audience(userId, conversationId);
    if (!this.#typists.delete(keyOf(userId, conversationId))) return;
    await this.#note(audience, { userId, conversationId, lastsMs: 0 });
  }

  /** The socket is gone: it types no more. */
  forget(socket: GatewaySocket): void {
    for (const typist of this.#typists.values()) if (typist.socket === socket) this.#end(typist);
  }

  /** Who hears whom has changed for these people. */
  forgetAudiences(userIds: readonly UserId[]): void {
    for (const key of this.#access.keys()) {
      if (userIds.some((userId) => key.endsWith(` ${userId}`))) this.#access.delete(key);
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sweep(): void {
    const nowMs = this.#options.clock.now();
    for (const typist of this.#typists.values()) if (typist.lapsesAtMs <= nowMs) this.#end(typist);
  }

  #end({ socket, conversationId }: Typist): void {
    const { userId } = socket.data;
    this.stop(socket, conversationId).catch(() => this.#typists.delete(keyOf(userId, conversationId)));
  }

  #audience(userId: UserId, conversationId: ConversationId): Promise<Audience> {
    const key = keyOf(userId, conversationId);
    const known = this.#access.get(key);
    if (known) return known;
    const asked = this.#ask(userId, conversationId);
    this.#access.set(key, asked);
    asked.catch((error: unknown) => {
      if (!(error instanceof ChatError && error.code === "not_found")) this.#access.delete(key);
    });
    return asked;
  }

  async #ask(userId: UserId, conversationId: ConversationId): Promise<Audience> {
    const access = await this.#options.message.call(MESSAGE_RPC.getAccess, { userId, conversationId });
    if (access.kind === "group") return { kind: "group", conversationId };
    return { kind: "direct", userIds: access.peerId ? [userId, access.peerId] : [userId] };
  }

  async #note(
    audience: Audience,
    mark: { userId: UserId; conversationId: ConversationId; lastsMs: number },
  ): Promise<void> {
    const { names, fanout, metrics } = this.#options;
    const { userId, conversationId, lastsMs } = mark;
    const key = names.typing(conversationId);
    const answer = await this.#redis
      .confabTyping(key, userId, lastsMs, ANNOUNCE_AGAIN_MS)
      .catch(() => "failed" as const);
    metrics.typing.inc({ result: answer === "failed" ? "failed" : answer ? "announced" : "unchanged" });
    if (answer === "failed" || !answer) return;
    const [changed, ...userIds] = answer;
    const news = { conversationId, userIds };
    // A repeat may be lost, a change should not: volatile packets are also dropped beside another of their moment.
    if (changed === "1") fanout.emit(audience, "typing:changed", news);
    else fanout.emitVolatile(audience, "typing:changed", news);
  }
}

const keyOf = (userId: UserId, conversationId: ConversationId): string => `${conversationId} ${userId}`;

export const typingHandlers = {
  "typing:start": async (ctx, socket, { conversationId }) => {
    await ctx.typing.start(socket, conversationId);
    return undefined;
  },
  "typing:stop": async (ctx, socket, { conversationId }) => {
    await ctx.typing.stop(socket, conversationId);
    return undefined;
  },
} satisfies Partial<Handlers>;
