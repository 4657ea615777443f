import type { ConversationId, UserId } from "../ids.ts";

/** Every room, Redis key, channel, queue and job id of Confab is spelled here and nowhere else. */

/**
 * The sharded adapter takes a room of exactly 20 characters for a socket id and sends it to every gateway
 * (socket.io-redis-adapter, `subscriptionMode: 'dynamic'`), so no room has that length.
 */
const room = (name: string): string => (name.length === 20 ? `${name}~` : name);
export const userRoom = (userId: UserId): string => room(`user:${userId}`);
export const conversationRoom = (conversationId: ConversationId): string =>
  room(`conversation:${conversationId}`);
export const isConversationRoom = (name: string): boolean => name.startsWith("conversation:");

/** Key builders under one deployment's prefix; braces keep one entity in one cluster slot. */
export function redisNames(prefix: string) {
  const shards = 16;
  const shardOf = (text: string): number => {
    let hash = 0;
    for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) | 0;
    return (hash >>> 0) % shards;
  };
  return {
    /** Channels of the Socket.IO adapter; the version keeps builds apart that cannot read each other. */
    adapterChannel: `${prefix}:io:v1`,
    /** The leases of a user and the schedule that finds lapsed ones share a slot, so Lua may touch both. */
    presenceShards: Array.from({ length: shards }, (_, shard) => shard),
    presenceShard: shardOf,
    presenceUser: (userId: UserId): string => `${prefix}:presence:{${shardOf(userId)}}:user:${userId}`,
    presenceSchedule: (shard: number): string => `${prefix}:presence:{${shard}}:schedule`,
    /** Sharded pub/sub: only gateways with a watcher of this user are subscribed. */
    presenceChannel: (userId: UserId): string => `${prefix}:presence:{${userId}}:changed`,
    /** Who is typing. TTL: 10 s after the last keystroke. */
    typing: (conversationId: ConversationId): string => `${prefix}:typing:{${conversationId}}:users`,
    /** A gateway's packet to itself, over the connections of its adapter. */
    canaryChannel: (gatewayId: string): string => `${prefix}:gateway:{${gatewayId}}:canary`,
    /** TTL: the bucket's time to refill. */
    limit: (name: string, key: string): string => `${prefix}:limit:{${key}}:${name}`,
    /** BullMQ's own prefix; braces put all of a queue in one slot. */
    queuePrefix: `{${prefix}}`,
    /** No TTL: as long as it is there, the Redis of the queues has not lost what it held. */
    queueMarker: `${prefix}:message:{queue}:marker`,
    /** Becomes the marker, if it is still there when a round of the reconciler has seen everything. TTL: 1 h. */
    queueWitness: (round: string): string => `${prefix}:message:{queue}:witness:${round}`,
    /** In the queue's Redis: written to see whether it takes writes. TTL: 1 h. */
    queueProbe: `{${prefix}}:probe`,
    /** Absent after presence lost everything in Redis. */
    presenceEpoch: `${prefix}:presence:epoch`,
  };
}
export type RedisNames = ReturnType<typeof redisNames>;

/** Server to server through the adapter: every gateway hears these. */
export const SERVER_EVENTS = {
  sessionRevoked: "session:revoked",
  blocksChanged: "blocks:changed",
  /** Somebody joined or left a group, and that could not be said in time: gateways ask where they stand. */
  standingChanged: "standing:changed",
} as const;

export const QUEUES = { deliver: "deliver" } as const;
/** BullMQ refuses `:` in job ids and ids that are all digits; user ids may have either. */
export const deliverJobId = (userId: UserId): string => `deliver-${userId.replaceAll(":", "_-")}`;
