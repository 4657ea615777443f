/**
 * What a device of Confab's own does with events, done here for clients that cannot: P3, P4: messages in the order of
 * `seq`, each once, and what is missing is fetched; presence of people in one's conversations; typing that ends.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ConversationId, EventName, EventPayload, Message, Presence, UserId } from "@confab/contract";
import { ChatError } from "@confab/contract";
import { type Dialect, LOOKUP_RPC } from "@confab/contract/internal";
import type { GatewayContext } from "../context.ts";
import type { DialectClient } from "./client.ts";

/** Of a longer absence the latest are told; a client's own history has the rest. */
const MAX_MISSED = 500;
const MESSAGES_AT_ONCE = 100;
const DRAIN_CHECK_MS = 20;
const RETRY_MS = 1000;
const PEOPLE_PER_WATCH = 200;
/** Without news for so long, nobody types. */
const TYPING_FORGOTTEN_MS = 6000;

type Ears = {
  [N in EventName]?: (
    ctx: GatewayContext,
    client: DialectClient,
    payload: EventPayload<N>,
  ) => (dialect: Dialect) => Promise<void>;
};

const ears: Ears = {
  ready:
    (ctx, client, { heads, hasMore }) =>
    async (dialect) => {
      if (dialect.hears === "all") await tellAwaited(ctx, client, { heads, hasMore });
      await followPeople(ctx, client, dialect);
    },
  "message:created": (ctx, client, message) => async (dialect) => {
    const { conversationId, seq } = message;
    if (!isHeard(client, dialect, conversationId)) return;
    const cursor = client.cursors.get(conversationId) ?? seq - 1;
    if (seq > cursor + 1) await tellMissed(ctx, client, { [conversationId]: cursor });
    else if (seq === cursor + 1) await tellMessage(ctx, client, dialect, message);
  },
  "message:updated": (ctx, client, message) => async (dialect) => {
    if (dialect.change) client.write(await ctx.dialects.translator.change(dialect, message));
  },
  "receipt:updated": (ctx, client, watermarks) => async (dialect) => {
    if (!dialect.receipt || !isHeard(client, dialect, watermarks.conversationId)) return;
    client.write(await ctx.dialects.translator.receipt(dialect, watermarks));
  },
  "typing:changed": (ctx, client, news) => async (dialect) => {
    if (dialect.typing) await tellTyping(ctx, client, dialect, news);
  },
  "presence:changed":
    (ctx, client, { presences }) =>
    async (dialect) => {
      await tellPresences(ctx, client, dialect, presences);
    },
  "conversation:updated":
    (ctx, client, { conversation }) =>
    async (dialect) => {
      const own = conversation.members.find(({ userId }) => userId === client.userId);
      if (!client.cursors.has(conversation.id)) {
        client.cursors.set(conversation.id, own?.deliveredSeq ?? conversation.lastSeq);
      }
      await follow(
        ctx,
        client,
        dialect,
        conversation.members.map(({ userId }) => userId),
      );
    },
  "conversation:removed":
    (_ctx, client, { conversationId }) =>
    async () => {
      client.cursors.delete(conversationId);
      client.listened.delete(conversationId);
    },
  head:
    (ctx, client, { revisions }) =>
    async (dialect) => {
      const heard = Object.keys(revisions).filter((id) => isHeard(client, dialect, id));
      if (heard.length === 0) return;
      await tellMissed(
        ctx,
        client,
        Object.fromEntries(heard.map((id) => [id, client.cursors.get(id) ?? null])),
      );
    },
};

/** Events that no dialect has a word for are not missed: they are not there. */
export function hear(ctx: GatewayContext, client: DialectClient, event: string, payload: unknown): void {
  const ear = Object.hasOwn(ears, event) ? ears[event as EventName] : undefined;
  if (!ear) return;
  client.sendOut(ear(ctx, client, payload as never));
}

const isHeard = (client: DialectClient, { hears }: Dialect, conversationId: ConversationId): boolean =>
  hears === "all" || client.listened.has(conversationId);

/** From now on the socket hears a conversation, from where it was when the socket came. */
export function listen(ctx: GatewayContext, client: DialectClient, conversationId: ConversationId): void {
  client.listened.add(conversationId);
  client.sendOut(() =>
    tellMissed(ctx, client, { [conversationId]: client.cursors.get(conversationId) ?? null }),
  );
}

/**
 * What came for its person before it did. From where the heads say: a watermark that another device has moved since
 * would skip what neither was told.
 */
async function tellAwaited(
  ctx: GatewayContext,
  client: DialectClient,
  { heads, hasMore }: Pick<EventPayload<"ready">, "heads" | "hasMore">,
): Promise<void> {
  const behind = heads.filter(({ deliveredSeq, lastSeq }) => deliveredSeq < lastSeq);
  const cursors = behind.map(({ conversationId: id }) => [id, client.cursors.get(id) ?? null]);
  const isOthers = (message: Message) => message.senderId !== client.userId;
  if (behind.length > 0) await tellMissed(ctx, client, Object.fromEntries(cursors), isOthers);
  if (hasMore) await tellMissed(ctx, client, undefined);
}

/** `cursors`: of some conversations, null where the delivered watermark counts; absent: of all. */
async function tellMissed(
  ctx: GatewayContext,
  client: DialectClient,
  cursors: Record<ConversationId, number | null> | undefined,
  isTold: (message: Message) => boolean = () => true,
): Promise<void> {
  const { dialect, userId } = client;
  if (!dialect) return;
  const ask = { userId, limit: MAX_MISSED, ...(cursors && { cursors }) };
  const missed = await persist(client, () => ctx.message.call(LOOKUP_RPC.listMissed, ask));
  for (const [index, message] of (missed?.messages ?? []).entries()) {
    if (message.seq <= (client.cursors.get(message.conversationId) ?? 0) || !isTold(message)) continue;
    if (index % MESSAGES_AT_ONCE === 0) await drained(client);
    await tellMessage(ctx, client, dialect, message);
  }
  if (!missed) return;
  for (const [conversationId, seq] of Object.entries(missed.cursors)) {
    client.cursors.set(conversationId, Math.max(seq, client.cursors.get(conversationId) ?? 0));
  }
}

/** What comes next must wait for it anyway, so it is asked until there is an answer or nobody to tell. */
async function persist<T>(client: DialectClient, ask: () => Promise<T>): Promise<T | undefined> {
  while (client.socket.connected) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ChatError && error.retry === "never") throw error;
      await sleep(RETRY_MS, undefined, { ref: false });
    }
  }
  return undefined;
}

/** A slow line is given its time: whoever has too much waiting is cut off. */
async function drained({ socket }: DialectClient): Promise<void> {
  const connection = socket.conn as unknown as { writeBuffer: unknown[] };
  while (socket.connected && connection.writeBuffer.length > 0)
    await sleep(DRAIN_CHECK_MS, undefined, { ref: false });
}

async function tellMessage(
  ctx: GatewayContext,
  client: DialectClient,
  dialect: Dialect,
  message: Message,
): Promise<void> {
  const { conversationId, seq } = message;
  const frames = await ctx.dialects.translator.message(dialect, message);
  // Not before: what could not be told is a gap, which the next message fills.
  client.cursors.set(conversationId, seq);
  if (isShown(client, dialect, message)) client.write(frames);
  client.unconfirmed.set(conversationId, seq);
}

function isShown(client: DialectClient, dialect: Dialect, message: Message): boolean {
  if (message.deletedAt !== null) return false;
  // What Confab itself says ("Somebody joined") would be put in somebody's mouth.
  if (message.kind === "system") return false;
  const own = client.own.get(message.clientMessageId);
  if (!own || message.senderId !== client.userId) return true;
  client.own.delete(message.clientMessageId);
  return dialect.echo === "always" || (dialect.echo === "unless_acked" && !own.acked);
}

async function tellTyping(
  ctx: GatewayContext,
  client: DialectClient,
  dialect: Dialect,
  news: EventPayload<"typing:changed">,
): Promise<void> {
  const { conversationId } = news;
  const typing = new Set(news.userIds.filter((userId) => userId !== client.userId));
  const forgottenAtMs = ctx.clock.now() + TYPING_FORGOTTEN_MS;
  for (const userId of typing) {
    client.typists.set(`${conversationId} ${userId}`, { conversationId, userId, forgottenAtMs });
    client.write(await ctx.dialects.translator.typing(dialect, news, { userId, isTyping: true }));
  }
  for (const [key, typist] of client.typists) {
    if (typist.conversationId !== conversationId || typing.has(typist.userId)) continue;
    client.typists.delete(key);
    const { userId } = typist;
    client.write(await ctx.dialects.translator.typing(dialect, news, { userId, isTyping: false }));
  }
}

/** Whoever was to say that they stopped cannot any more. */
export function forgetTypists(ctx: GatewayContext, client: DialectClient): void {
  const nowMs = ctx.clock.now();
  for (const { conversationId, userId, forgottenAtMs } of client.typists.values()) {
    if (forgottenAtMs > nowMs) continue;
    const others = [...client.typists.values()].filter(
      (typist) => typist.conversationId === conversationId && typist.userId !== userId,
    );
    hear(ctx, client, "typing:changed", { conversationId, userIds: others.map((typist) => typist.userId) });
    return;
  }
}

/** Nobody asks: the socket is told of whoever is in a conversation with its person. */
async function followPeople(ctx: GatewayContext, client: DialectClient, dialect: Dialect): Promise<void> {
  if (!dialect.presence) return;
  const { userIds } = await ctx.message.call(LOOKUP_RPC.listPeople, {
    userId: client.userId,
    limit: Math.min(1000, ctx.config.watch.maxUsers),
  });
  await follow(ctx, client, dialect, userIds);
}

async function follow(
  ctx: GatewayContext,
  client: DialectClient,
  dialect: Dialect,
  userIds: UserId[],
): Promise<void> {
  if (!dialect.presence) return;
  const added = userIds.filter((userId) => userId !== client.userId && !client.told.has(userId));
  for (let at = 0; at < added.length; at += PEOPLE_PER_WATCH) {
    const some = added.slice(at, at + PEOPLE_PER_WATCH);
    // Chat goes on without the presence service; what it publishes later is heard all the same.
    const presences = await ctx.hub.watch(client.socket, some).catch(() => []);
    for (const { userId } of presences)
      client.told.set(userId, wordOf(dialect, { status: "offline", custom: null }));
    await tellPresences(ctx, client, dialect, presences);
  }
}

async function tellPresences(
  ctx: GatewayContext,
  client: DialectClient,
  dialect: Dialect,
  presences: Presence[],
): Promise<void> {
  for (const presence of presences) {
    const looks = wordOf(dialect, presence);
    if (client.told.get(presence.userId) === looks) continue;
    client.told.set(presence.userId, looks);
    client.write(await ctx.dialects.translator.presence(dialect, presence));
  }
}

const wordOf = (dialect: Dialect, presence: Pick<Presence, "status" | "custom">): string =>
  dialect.presenceWord?.(presence) ?? presence.status;
