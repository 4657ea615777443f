/**
 * Whose presence which socket follows. Only channels of people whom somebody here watches are subscribed, and
 * only watchers whom the presence service vouches for hear of them (P9), at most one batch a second each.
 */
import { ChatError, LIMITS, type Presence, type UserId } from "@confab/contract";
import { PRESENCE_RPC, PresenceNews, type RedisNames } from "@confab/contract/internal";
import { type Clock, type Logger, type Redis, type RpcClient, withDeadline } from "@confab/runtime";
import type { GatewayConfig } from "./config.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { type Channel, endOfStatus, hear, learn, present } from "./presence-channel.ts";
import type { GatewaySocket } from "./socket.ts";

const SUBSCRIBE_DEADLINE_MS = 1000;
/** Questions that are under way at once when everything is asked anew. */
const REFRESHES_AT_ONCE = 8;

interface Watcher {
  userIds: Set<UserId>;
  checkedAtMs: number;
}

export interface PresenceHubOptions {
  subscriber: Redis;
  presence: RpcClient;
  names: RedisNames;
  clock: Clock;
  metrics: GatewayMetrics;
  log: Logger;
  config: GatewayConfig["watch"];
}

export class PresenceHub implements Disposable {
  readonly #options: PresenceHubOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #watchers = new Map<GatewaySocket, Watcher>();
  /** What each socket will be told with the next tick: the latest of each person. */
  readonly #news = new Map<GatewaySocket, Map<UserId, Presence>>();
  /** Whose status runs out, and when (ms since 1970). */
  readonly #ending = new Map<Channel, number>();
  readonly #timer: NodeJS.Timeout;
  #turn = 0;
  #checking = false;

  constructor(options: PresenceHubOptions) {
    this.#options = options;
    const { subscriber } = options;
    subscriber.on("smessage", (channel: string, message: string) => this.#hear(channel, message));
    subscriber.on("ready", () => void this.#afterConnect());
    this.#timer = setInterval(() => this.#tick(), options.config.tickMs);
    this.#timer.unref();
  }

  /** Channels that are subscribed; for tests and the metric. */
  get channels(): number {
    return this.#channels.size;
  }

  /**
   * Follows people, from before their state is read, so that no change falls between.
   * @returns those whom the viewer may see; the others are not followed
   * @throws ChatError `too_large` beyond the number that one socket may follow; `unavailable`, `timeout`
   */
  async watch(socket: GatewaySocket, userIds: UserId[]): Promise<Presence[]> {
    if (!socket.connected) throw new ChatError("unavailable", { reason: "disconnected" });
    const watcher = this.#watchers.get(socket) ?? { userIds: new Set(), checkedAtMs: 0 };
    const added = [...new Set(userIds)].filter((userId) => !watcher.userIds.has(userId));
    if (watcher.userIds.size + added.length > this.#options.config.maxUsers) {
      throw new ChatError("too_large", { reason: "watch_limit" });
    }
    if (!this.#watchers.has(socket)) {
      watcher.checkedAtMs = this.#options.clock.now();
      this.#watchers.set(socket, watcher);
    }
    const subscriptions = added.map((userId) => this.#add(socket, watcher, userId));
    await withDeadline(Promise.all(subscriptions), SUBSCRIBE_DEADLINE_MS, "subscribe").catch(() => undefined);
    const before = this.#turn;
    try {
      const presences = await this.#ask(socket, userIds);
      this.#keepOnly(socket, userIds, presences);
      return presences.map((presence) => {
        const newest = this.#learn(presence, before);
        return this.#assure(socket, presence.userId, before) === "unsure" ? presence : newest;
      });
    } catch (error) {
      this.unwatch(socket, added);
      throw error;
    }
  }

  unwatch(socket: GatewaySocket, userIds: Iterable<UserId>): void {
    const watcher = this.#watchers.get(socket);
    if (!watcher) return;
    for (const userId of userIds) {
      if (watcher.userIds.delete(userId)) this.#remove(socket, userId);
      this.#news.get(socket)?.delete(userId);
    }
    if (watcher.userIds.size === 0) this.#watchers.delete(socket);
  }

  /** Whether these two may see each other has changed: whoever of them follows the other is asked about again. */
  recheck(pair: readonly UserId[]): void {
    for (const userId of pair) {
      const channel = this.#channels.get(this.#options.names.presenceChannel(userId));
      if (!channel) continue;
      this.#recheck(
        channel,
        [...channel.watchers].filter((socket) => pair.includes(socket.data.userId)),
      );
    }
  }

  /** The socket is gone. */
  forget(socket: GatewaySocket): void {
    this.unwatch(socket, [...(this.#watchers.get(socket)?.userIds ?? [])]);
    this.#news.delete(socket);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #add(socket: GatewaySocket, watcher: Watcher, userId: UserId): Promise<unknown> {
    watcher.userIds.add(userId);
    const name = this.#options.names.presenceChannel(userId);
    const channel = this.#channels.get(name);
    if (channel) {
      channel.watchers.add(socket);
      return channel.subscribed;
    }
    // Away, Redis is told when it is back; the snapshots are then taken anew.
    const subscribed = this.#options.subscriber.ssubscribe(name).catch(() => undefined);
    this.#channels.set(name, { userId, subscribed, watchers: new Set([socket]), unsure: new Map() });
    return subscribed;
  }

  #remove(socket: GatewaySocket, userId: UserId): void {
    const name = this.#options.names.presenceChannel(userId);
    const channel = this.#channels.get(name);
    channel?.unsure.delete(socket);
    if (!channel?.watchers.delete(socket) || channel.watchers.size > 0) return;
    this.#channels.delete(name);
    this.#ending.delete(channel);
    this.#options.subscriber.sunsubscribe(name).catch(() => undefined);
  }

  #hear(name: string, message: string): void {
    const channel = this.#channels.get(name);
    if (!channel) return;
    const news = parseNews(message);
    if (news?.userId !== channel.userId) {
      this.#options.metrics.errors.inc({ where: "presence_channel" });
      return;
    }
    if (!hear(channel, news, this.#turn + 1)) return;
    this.#turn += 1;
    if ("recheck" in news && news.recheck) this.#recheck(channel, [...channel.watchers]);
    else this.#tellWatchers(channel);
  }

  /** Until the presence service has said that they still may, these watchers are told nothing new. */
  #recheck(channel: Channel, watchers: GatewaySocket[]): void {
    this.#turn += 1;
    for (const socket of watchers) channel.unsure.set(socket, this.#turn);
    void this.#refreshAll(watchers, true, channel.userId);
  }

  #tellWatchers(channel: Channel): void {
    const nowMs = this.#options.clock.now();
    const end = endOfStatus(channel, nowMs);
    if (end === undefined) this.#ending.delete(channel);
    else this.#ending.set(channel, end);
    const presence = present(channel, nowMs);
    if (!presence) return;
    for (const socket of channel.watchers) {
      if (!channel.unsure.has(socket)) this.#tellLater(socket, presence);
    }
  }

  #tellLater(socket: GatewaySocket, presence: Presence): void {
    let news = this.#news.get(socket);
    if (!news) {
      news = new Map();
      this.#news.set(socket, news);
    }
    news.set(presence.userId, presence);
  }

  #tick(): void {
    for (const [channel, endMs] of this.#ending) {
      if (endMs <= this.#options.clock.now()) this.#tellWatchers(channel);
    }
    for (const [socket, news] of this.#news) {
      if (news.size === 0) continue;
      socket.emit("presence:changed", { presences: [...news.values()] });
      this.#options.metrics.presenceBatches.inc();
    }
    this.#news.clear();
    void this.#checkDue();
  }

  /** ioredis asks for its channels again before this, and the last answer means that all of them are heard. */
  async #afterConnect(): Promise<void> {
    const [name] = this.#channels.keys();
    if (!name) return;
    await this.#options.subscriber.ssubscribe(name).catch(() => undefined);
    await this.#refreshAll([...this.#watchers.keys()], true);
  }

  /** Who may no longer see somebody must not go on watching, and a status may have changed unheard. */
  async #checkDue(): Promise<void> {
    if (this.#checking) return;
    const dueBeforeMs = this.#options.clock.now() - this.#options.config.checkMs;
    const due = [...this.#watchers].filter(([, { checkedAtMs }]) => checkedAtMs <= dueBeforeMs);
    if (due.length === 0) return;
    this.#checking = true;
    await this.#refreshAll(
      due.map(([socket]) => socket),
      false,
    );
    this.#checking = false;
  }

  async #refreshAll(sockets: Iterable<GatewaySocket>, tell: boolean, userId?: UserId): Promise<void> {
    const waiting = [...sockets].values();
    const work = async (): Promise<void> => {
      for (const socket of waiting) await this.#refresh(socket, tell, userId);
    };
    await Promise.all(Array.from({ length: REFRESHES_AT_ONCE }, work));
  }

  /** Asks again about one of those whom a socket watches, or about all of them. */
  async #refresh(socket: GatewaySocket, tell: boolean, userId?: UserId): Promise<void> {
    const watcher = this.#watchers.get(socket);
    if (!watcher) return;
    if (!userId) watcher.checkedAtMs = this.#options.clock.now();
    const userIds = userId ? [userId] : [...watcher.userIds];
    const before = this.#turn;
    try {
      for (let at = 0; at < userIds.length; at += LIMITS.usersPerWatch) {
        const some = userIds.slice(at, at + LIMITS.usersPerWatch);
        const presences = await this.#ask(socket, some);
        for (const gone of this.#keepOnly(socket, some, presences)) this.#tellLater(socket, gone);
        for (const presence of presences) {
          const newest = this.#learn(presence, before);
          const standing = this.#assure(socket, presence.userId, before);
          if (standing === "again" || (tell && standing === "sure")) this.#tellLater(socket, newest);
        }
      }
    } catch {
      // Counted in #ask; the next check asks again.
      if (tell) watcher.checkedAtMs = 0;
    }
  }

  async #ask(socket: GatewaySocket, userIds: UserId[]): Promise<Presence[]> {
    const { presence, metrics } = this.#options;
    try {
      const body = { viewerId: socket.data.userId, userIds };
      const { presences } = await presence.call(PRESENCE_RPC.getPresences, body);
      metrics.presenceCalls.inc({ call: "presences", result: "ok" });
      return presences;
    } catch (error) {
      metrics.presenceCalls.inc({ call: "presences", result: "failed" });
      throw error;
    }
  }

  /** Stops following whom the socket may not see; to it they look like somebody of whom nothing is known. */
  #keepOnly(socket: GatewaySocket, asked: UserId[], allowed: Presence[]): Presence[] {
    const visible = new Set(allowed.map(({ userId }) => userId));
    const watched = this.#watchers.get(socket)?.userIds;
    const gone = asked.filter((userId) => !visible.has(userId) && watched?.has(userId));
    this.unwatch(socket, gone);
    return gone.map((userId) => ({ userId, status: "offline", lastSeenAt: null, custom: null }));
  }

  /** After an answer by which a socket may see somebody. Who may so again has missed what was told meanwhile. */
  #assure(socket: GatewaySocket, userId: UserId, askedAtTurn: number): "sure" | "again" | "unsure" {
    const unsure = this.#channels.get(this.#options.names.presenceChannel(userId))?.unsure;
    const since = unsure?.get(socket);
    if (since === undefined) return "sure";
    if (since > askedAtTurn) return "unsure";
    unsure?.delete(socket);
    return "again";
  }

  /** Takes in an answer; what it says of a status that others here did not hear of, they are told. */
  #learn(presence: Presence, askedAtTurn: number): Presence {
    const channel = this.#channels.get(this.#options.names.presenceChannel(presence.userId));
    if (!channel) return presence;
    const isNews = learn(channel, presence, askedAtTurn);
    if (isNews) this.#tellWatchers(channel);
    const nowMs = this.#options.clock.now();
    const end = endOfStatus(channel, nowMs);
    if (end !== undefined) this.#ending.set(channel, end);
    return present(channel, nowMs) ?? presence;
  }
}

function parseNews(message: string): PresenceNews | undefined {
  try {
    return PresenceNews.parse(JSON.parse(message));
  } catch {
    return undefined;
  }
}
