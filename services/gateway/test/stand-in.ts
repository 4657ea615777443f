/** Answers in the place of the message and presence services, by the contract; keeps what it was asked. */
import {
  ChatError,
  type ConversationId,
  type Message,
  type Presence,
  type SendMessage,
  type UserId,
} from "@confab/contract";
import {
  type LeaseChange,
  MESSAGE_RPC,
  type OpenedSession,
  type Outcome,
  PRESENCE_RPC,
  type ReceiptItem,
  type SessionRequest,
} from "@confab/contract/internal";
import { bindInternalRoute, createHttpServer, createLogger, createMetrics, Lifecycle } from "@confab/runtime";

export const INTERNAL_TOKEN = "gateway-tests-gateway-tests-gateway-tests";

/** A door that tests close: whoever comes waits until it opens. */
export function createGate() {
  let open = Promise.withResolvers<void>();
  open.resolve();
  return {
    close: () => {
      open = Promise.withResolvers<void>();
    },
    open: () => open.resolve(),
    pass: () => open.promise,
  };
}

export interface Person {
  groupIds: ConversationId[];
  revisions: Record<ConversationId, number>;
}

export async function startStandIn(jwks: { keys: object[] }) {
  const log = createLogger({ service: "stand-in", level: "silent" });
  const lifecycle = new Lifecycle(log);
  const app = createHttpServer({
    log,
    metrics: createMetrics("stand-in"),
    lifecycle,
    unready: () => undefined,
  });
  const people = new Map<UserId, Person>();
  const personOf = (userId: UserId): Person => {
    const person = people.get(userId) ?? { groupIds: [], revisions: {} };
    people.set(userId, person);
    return person;
  };
  const state = {
    people,
    personOf,
    /** Whoever is asked about here is refused. */
    endedSessions: new Set<string>(),
    openSessions: [] as { userId: UserId; sessionId?: string }[],
    sendBatches: [] as { actorId: UserId; message: SendMessage }[][],
    sendGate: createGate(),
    receiptBatches: [] as ReceiptItem[][],
    receiptGate: createGate(),
    revisionRequests: [] as UserId[][],
    revisionGate: createGate(),
    commands: [] as { actorId: UserId; command: { name: string; payload: unknown } }[],
    commandGate: createGate(),
    /** By conversation: the two people of a direct one; absent: a group that everyone is in. */
    directs: new Map<ConversationId, [UserId, UserId]>(),
    strangers: new Set<UserId>(),
    accessRequests: 0,
    leases: [] as LeaseChange[],
    leaseRequests: 0,
    leaseGate: createGate(),
    presences: new Map<UserId, Presence>(),
    /** Who may see whom; absent: everyone. */
    mayWatch: (_viewerId: UserId, _userId: UserId): boolean => true,
    presenceRequests: [] as { viewerId: UserId; userIds: UserId[] }[],
    presenceGate: createGate(),
    /** Routes that answer 503. */
    down: new Set<string>(),
  };
  let lastSeq = 0;

  app.addHook("onRequest", async (request) => {
    if (state.down.has(request.url)) throw new ChatError("unavailable", { reason: "down" });
  });
  app.get("/.well-known/jwks.json", async () => jwks);

  bindInternalRoute(app, MESSAGE_RPC.openSessions, INTERNAL_TOKEN, async ({ items }) => {
    state.openSessions.push(...items);
    return { results: items.map(openSession) };
  });
  const openSession = ({ userId, sessionId, name }: SessionRequest): Outcome<OpenedSession> => {
    if (sessionId && state.endedSessions.has(sessionId)) {
      return { ok: false, error: new ChatError("unauthenticated", { reason: "session_ended" }).toWire() };
    }
    const { groupIds, revisions } = personOf(userId);
    const heads = Object.entries(revisions).map(([conversationId, revision]) => ({
      conversationId,
      revision,
      lastSeq: revision,
      deliveredSeq: 0,
      readSeq: 0,
    }));
    const displayName = name ?? userId;
    return { ok: true, value: { heads, hasMore: false, personalRevision: 0, displayName, groupIds } };
  };
  bindInternalRoute(app, MESSAGE_RPC.sendMessages, INTERNAL_TOKEN, async ({ items }) => {
    state.sendBatches.push(items);
    await state.sendGate.pass();
    return {
      results: items.map(({ actorId, message }) => {
        if (message.body === "refuse") {
          return { ok: false as const, error: new ChatError("forbidden", { reason: "blocked" }).toWire() };
        }
        lastSeq += 1;
        return {
          ok: true as const,
          value: { message: messageOf(actorId, message, lastSeq), duplicate: false },
        };
      }),
    };
  });
  bindInternalRoute(app, MESSAGE_RPC.runCommand, INTERNAL_TOKEN, async (body) => {
    state.commands.push(body);
    await state.commandGate.pass();
    if (body.command.name === "conversation:heads") {
      return { heads: [], hasMore: false, personalRevision: 0, serverTime: new Date().toISOString() };
    }
    return {};
  });
  bindInternalRoute(app, MESSAGE_RPC.markReceipts, INTERNAL_TOKEN, async ({ items }) => {
    state.receiptBatches.push(items);
    await state.receiptGate.pass();
    return {
      results: items.map(({ userId, conversationId, deliveredSeq = 0, readSeq = 0 }) => ({
        ok: true as const,
        value: { userId, conversationId, deliveredSeq: Math.max(deliveredSeq, readSeq), readSeq },
      })),
    };
  });
  bindInternalRoute(app, MESSAGE_RPC.getRevisions, INTERNAL_TOKEN, async ({ userIds, sessionIds }) => {
    state.revisionRequests.push(userIds);
    await state.revisionGate.pass();
    return {
      revisions: Object.fromEntries(userIds.map((userId) => [userId, personOf(userId).revisions])),
      groupIds: Object.fromEntries(userIds.map((userId) => [userId, personOf(userId).groupIds])),
      endedSessionIds: sessionIds.filter((sessionId) => state.endedSessions.has(sessionId)),
    };
  });
  bindInternalRoute(app, MESSAGE_RPC.getAccess, INTERNAL_TOKEN, async ({ userId, conversationId }) => {
    state.accessRequests += 1;
    if (state.strangers.has(userId)) throw new ChatError("not_found", { reason: "conversation" });
    const pair = state.directs.get(conversationId);
    if (!pair) return { kind: "group" as const, peerId: null };
    return { kind: "direct" as const, peerId: pair.find((id) => id !== userId) ?? null };
  });
  bindInternalRoute(app, PRESENCE_RPC.changeLeases, INTERNAL_TOKEN, async ({ changes }) => {
    state.leaseRequests += 1;
    await state.leaseGate.pass();
    state.leases.push(...changes);
    const opened = changes.filter(({ change }) => change === "open");
    return {
      opened: Object.fromEntries(opened.map(({ connectionId, active }) => [connectionId, active ?? false])),
    };
  });
  bindInternalRoute(app, PRESENCE_RPC.getPresences, INTERNAL_TOKEN, async ({ viewerId, userIds }) => {
    state.presenceRequests.push({ viewerId, userIds });
    const visible = userIds.filter((userId) => state.mayWatch(viewerId, userId));
    const presences = visible.map((userId) => state.presences.get(userId) ?? presenceOf(userId, "offline"));
    await state.presenceGate.pass();
    return { presences };
  });

  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return Object.assign(state, { url, [Symbol.asyncDispose]: () => lifecycle.stop() });
}
export type StandIn = Awaited<ReturnType<typeof startStandIn>>;

export const presenceOf = (userId: UserId, status: Presence["status"]): Presence => ({
  userId,
  status,
  lastSeenAt: null,
  custom: null,
});

export function messageOf(senderId: UserId, content: Partial<SendMessage>, seq: number): Message {
  return {
    id: String(1000 + seq),
    conversationId: content.conversationId ?? "1",
    seq,
    revision: seq,
    senderId,
    kind: content.kind ?? "text",
    body: content.body ?? null,
    metadata: content.metadata ?? null,
    clientMessageId: content.clientMessageId ?? crypto.randomUUID(),
    createdAt: new Date().toISOString(),
    editedAt: null,
    deletedAt: null,
    pinnedAt: null,
    replyTo: null,
    threadRootId: null,
    thread: null,
    schemaId: null,
    mentions: [],
    attachments: [],
    reactions: [],
  };
}
