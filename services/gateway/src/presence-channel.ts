/** What a gateway knows of one person whom somebody here watches. */
import { type CustomStatus, type Presence, statusAt, type UserId } from "@confab/contract";
import type { PublishedPerson, PublishedPresence } from "@confab/contract/internal";
import type { GatewaySocket } from "./socket.ts";

/** One part of it, as heard: of which version, and as the how manieth thing that this gateway heard. */
interface Known<T> {
  value: T;
  version: number;
  turn: number;
}

export interface Channel {
  userId: UserId;
  /** Settles when Redis has taken the subscription. */
  subscribed: Promise<unknown>;
  watchers: Set<GatewaySocket>;
  /** Those of them who may no longer be allowed to watch, until an answer that was asked for at this turn or later. */
  unsure: Map<GatewaySocket, number>;
  presence?: Known<Omit<Presence, "custom">>;
  custom?: Known<CustomStatus | null>;
}

/** Takes in what was published; false for old news. */
export function hear(channel: Channel, news: PublishedPresence | PublishedPerson, turn: number): boolean {
  if ("version" in news) {
    const { version, ...value } = news;
    if (channel.presence && version < channel.presence.version) return false;
    channel.presence = { value, version, turn };
    return true;
  }
  const { custom: value, customVersion: version } = news;
  if (channel.custom && version < channel.custom.version) return false;
  channel.custom = { value, version, turn };
  return true;
}

/**
 * Takes in an answer of the presence service that was asked for at `turn`: what was heard since is at least as new.
 * Whether the status differs from what was known, so that other watchers have missed something.
 */
export function learn(channel: Channel, { custom, ...presence }: Presence, turn: number): boolean {
  const { presence: heard, custom: known } = channel;
  if (!heard || heard.turn <= turn) channel.presence = { version: 0, turn: 0, ...heard, value: presence };
  if (known && known.turn > turn) return false;
  channel.custom = { version: 0, turn: 0, ...known, value: custom };
  return known !== undefined && JSON.stringify(known.value) !== JSON.stringify(custom);
}

/** What a watcher is told; undefined before anything is known. */
export function present(channel: Channel, nowMs: number): Presence | undefined {
  if (!channel.presence) return undefined;
  return { ...channel.presence.value, custom: statusAt(channel.custom?.value ?? null, nowMs) };
}

/** When the next part of the status runs out, ms since 1970. */
export function endOfStatus({ custom }: Channel, nowMs: number): number | undefined {
  const ends = [custom?.value?.expiresAt, custom?.value?.dndUntil]
    .filter((time) => time != null)
    .map((time) => Date.parse(time))
    .filter((ms) => ms > nowMs);
  return ends.length === 0 ? undefined : Math.min(...ends);
}
