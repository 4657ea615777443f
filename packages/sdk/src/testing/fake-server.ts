import { ChatError, type HiddenMessage, type Message } from "@confab/contract";
import { errorFromWire } from "../runtime.ts";
import type { OpenTransport, TransportHandlers } from "../transport.ts";
import {
  change,
  conversationOf,
  createFakeLog,
  type FakeLog,
  type FakePost,
  fakeUser,
  headOf,
  mark,
  memberOf,
  pageOf,
  post,
  summaryOf,
  syncedOf,
} from "./fake-log.ts";

interface FakePayload {
  conversationId: string;
  clientMessageId: string;
  body: string;
  seq: number;
  cursors: Record<string, number>;
  userIds: string[];
}

export interface FakeSocket {
  userId: string;
  auth: { token: string; active: boolean };
  isOpen: boolean;
  handlers: TransportHandlers;
  send(name: string, payload: unknown): void;
  drop(reason?: string): void;
}

/** What becomes of a command: answered as usual, refused, or never answered (`lost` before, `deaf` after it took effect). */
export type Fate = "ok" | "lost" | "deaf" | ChatError;

/**
 * The other side of the wire, in memory: enough of REST and of the gateway to hold the client to the contract.
 * `onFrame` decides what becomes of each broadcast; `fate` of each command; `refusal` of each handshake.
 */
export function createFakeServer() {
  const logs = new Map<string, FakeLog>();
  const sockets: FakeSocket[] = [];
  const commands: { name: string; payload: Record<string, unknown> }[] = [];
  const requests: string[] = [];
  const presences = new Map<string, unknown>();
  const server = {
    logs,
    sockets,
    commands,
    requests,
    presences,
    pageSize: 200,
    /** Holds a history answer back until the promise settles; its content is that of the moment it was asked for. */
    historyGate: Promise.resolve() as Promise<unknown>,
    /** The same for summaries. */
    summaryGate: Promise.resolve() as Promise<unknown>,
    /** What happens between a sync's reading of revisions and of messages. */
    duringSync: (): void => {},
    refusal: (_auth: { token: string }): ChatError | null => null,
    fate: (_name: string, _payload: Record<string, unknown>): Fate => "ok",
    /** What commands answer that are not faked here. */
    reply: (_name: string, _payload: Record<string, unknown>): object | ChatError => ({}),
    /** How far what is the person's own has come. */
    personalRevision: 0,
    restFate: (_path: string, _token: string): ChatError | null => null,
    onFrame: (_name: string, _payload: unknown, deliver: () => void): void => deliver(),
    addLog(id: string, userIds: string[], kind: FakeLog["kind"] = "group"): FakeLog {
      const log = createFakeLog(id, userIds, kind);
      logs.set(id, log);
      return log;
    },
    log: (id: string): FakeLog => logs.get(id) as FakeLog,
    post(id: string, input: FakePost): Message {
      const { message, duplicate } = post(server.log(id), input);
      if (!duplicate) server.broadcast(id, "message:created", message);
      return message;
    },
    change(id: string, seq: number, fields: Partial<Message>): Message {
      const message = change(server.log(id), seq, fields);
      server.broadcast(id, "message:updated", message);
      return message;
    },
    /** The person at the client deletes it for themself, on another device. */
    hide(id: string, seq: number): HiddenMessage {
      const { hidden, messages } = server.log(id);
      const messageId = (messages[seq - 1] as Message).id;
      hidden.add(seq);
      server.personalRevision += 1;
      const row = { conversationId: id, messageId, seq, revision: server.personalRevision };
      server.broadcast(id, "message:hidden", row);
      return row;
    },
    mark(id: string, userId: string, seq: number, kind: "deliveredSeq" | "readSeq") {
      const marks = mark(server.log(id), userId, seq, kind);
      server.broadcast(id, "receipt:updated", marks);
      return marks;
    },
    broadcast(id: string, name: string, payload: unknown): void {
      for (const socket of sockets) {
        if (!socket.isOpen || memberOf(server.log(id), socket.userId) === undefined) continue;
        server.onFrame(name, payload, () => socket.isOpen && socket.send(name, payload));
      }
    },
    heads(userId: string) {
      const mine = [...logs.values()].filter((log) => memberOf(log, userId) !== undefined);
      return {
        heads: mine.map((log) => headOf(log, userId)),
        hasMore: false,
        serverTime: "",
        personalRevision: server.personalRevision,
      };
    },
    /** Sockets that are open now. */
    open: (): FakeSocket[] => sockets.filter((socket) => socket.isOpen),
    sent: (name: string) => commands.filter((command) => command.name === name).map(({ payload }) => payload),
    openTransport: ((request) => connect(request.auth, request.handlers)) as OpenTransport,
    fetch: ((url: URL, init: RequestInit) => answer(url, init)) as unknown as typeof fetch,
  };

  function connect(auth: { token: string; active: boolean }, handlers: TransportHandlers) {
    const userId = auth.token.split("#")[0] as string;
    const socket: FakeSocket = {
      userId,
      auth,
      isOpen: false,
      handlers,
      send: (name, payload) => handlers.onEvent(name, payload),
      drop(reason = "transport close") {
        socket.isOpen = false;
        handlers.onClosed(reason);
      },
    };
    sockets.push(socket);
    let isClosed = false;
    queueMicrotask(() => {
      if (isClosed) return;
      const refusal = server.refusal(auth);
      if (refusal !== null) return handlers.onRefused(refusal);
      socket.isOpen = true;
      socket.send("ready", { ...server.heads(userId), userId, connectionId: String(sockets.length) });
    });
    return {
      emit(name: string, payload: unknown, onAck?: (answer: unknown) => void) {
        commands.push({ name, payload: payload as Record<string, unknown> });
        const fate = server.fate(name, payload as Record<string, unknown>);
        if (fate === "lost") return;
        if (fate instanceof ChatError)
          return queueMicrotask(() => onAck?.({ ok: false, error: fate.toWire() }));
        const result = run(userId, name, payload as FakePayload);
        if (fate === "deaf") return;
        queueMicrotask(() => socket.isOpen && onAck?.(result));
      },
      close() {
        isClosed = true;
        socket.isOpen = false;
        return Promise.resolve();
      },
    };
  }

  function run(userId: string, name: string, payload: FakePayload): unknown {
    switch (name) {
      case "message:send": {
        const { conversationId, clientMessageId, body } = payload;
        const { message, duplicate } = post(server.log(conversationId), {
          senderId: userId,
          clientMessageId,
          body,
        });
        if (!duplicate) server.broadcast(conversationId, "message:created", message);
        return { ok: true, message, duplicate };
      }
      case "conversation:sync": {
        const cursors = Object.entries(payload.cursors);
        const known = cursors.filter(([id]) => memberOf(server.log(id), userId) !== undefined);
        const revisions = new Map(known.map(([id]) => [id, server.log(id).revision]));
        server.duringSync();
        return {
          ok: true,
          conversations: known.map(([id, cursor]) =>
            syncedOf(server.log(id), cursor, revisions.get(id) as number, server.pageSize),
          ),
          unknown: cursors.filter((cursor) => !known.includes(cursor)).map(([id]) => id),
        };
      }
      case "conversation:heads":
        return { ok: true, ...server.heads(userId) };
      case "receipt:delivered":
      case "receipt:read": {
        const kind = name === "receipt:read" ? "readSeq" : "deliveredSeq";
        return { ok: true, ...server.mark(payload.conversationId, userId, payload.seq, kind) };
      }
      case "presence:watch":
        return {
          ok: true,
          presences: payload.userIds.map((id) => presences.get(id)).filter((one) => one !== undefined),
        };
      default: {
        const reply = server.reply(name, payload as unknown as Record<string, unknown>);
        return reply instanceof ChatError ? { ok: false, error: reply.toWire() } : { ok: true, ...reply };
      }
    }
  }

  async function answer(url: URL, init: RequestInit): Promise<Response> {
    const token = String((init.headers as Record<string, string>).authorization ?? "").slice(
      "Bearer ".length,
    );
    const userId = token.split("#")[0] as string;
    requests.push(`${init.method} ${url.pathname}`);
    const refusal = server.restFate(url.pathname, token);
    if (refusal !== null) return Response.json(refusal.toWire(), { status: 500 });
    const [, , noun, id, facet] = url.pathname.split("/");
    if (noun === "me") {
      const me = { ...fakeUser(userId), email: null, createdAt: "", status: null };
      return Response.json({ ...me, presencePrivacy: "shared" });
    }
    if (noun !== "conversations") throw new Error(`not faked: ${url.pathname}`);
    const mine = [...logs.values()].filter((log) => memberOf(log, userId) !== undefined);
    if (id === undefined && init.method === "POST") {
      const log = server.addLog(String(100 + logs.size), [userId]);
      return Response.json(conversationOf(log));
    }
    if (id === undefined)
      return Response.json({ items: mine.map((log) => summaryOf(log, userId)), nextCursor: null });
    const log = mine.find((one) => one.id === id);
    if (log === undefined)
      return Response.json(errorFromWire({ code: "not_found" }).toWire(), { status: 404 });
    if (facet !== "messages") {
      const summary = structuredClone(summaryOf(log, userId));
      await server.summaryGate;
      return Response.json(summary);
    }
    const page = structuredClone(pageOf(log, url.searchParams));
    await server.historyGate;
    return Response.json(page);
  }

  return server;
}
export type FakeServer = ReturnType<typeof createFakeServer>;
