import { createServer } from "node:http";
import { createDb, type PrismaClient } from "@confab/db";
import { importJWK, jwtVerify } from "jose";
import { Server, type Socket } from "socket.io";

interface Sent {
  conversationId: string;
  clientMessageId: string;
  body: string;
}

/** Messages have a number of their own in these tables; a single process may simply count. */
let nextId = 1n;

/** Answers once MySQL does. */
export async function runSeed(options: {
  port: number;
  mysqlUrl: string;
  signingKey: string;
}): Promise<void> {
  const { x, crv, kty } = JSON.parse(options.signingKey);
  const key = await importJWK({ x, crv, kty }, "EdDSA");
  const { prisma } = await createDb({ url: options.mysqlUrl });
  const http = createServer((request, response) => {
    response.writeHead(request.url === "/readyz" ? 200 : 404).end();
  });
  const io = new Server(http, { transports: ["websocket"], serveClient: false });
  io.use((socket, next) => {
    jwtVerify(socket.handshake.auth.token, key).then(({ payload }) => {
      socket.data.userId = payload.sub;
      next();
    }, next);
  });
  io.on("connection", (socket) => {
    const { userId } = socket.data;
    void socket.join(`user:${userId}`);
    socket.on("message:send", (sent: Sent, answer: (result: object) => void) => {
      send(prisma, { socket, userId, sent }).then(
        (message) => answer({ ok: true, message }),
        (error: Error) => answer({ ok: false, error: { code: "internal", message: error.message } }),
      );
    });
    socket.emit("ready", { userId, heads: [] });
  });
  http.listen(options.port, "127.0.0.1");
}

async function send(
  prisma: PrismaClient,
  { socket, userId, sent }: { socket: Socket; userId: string; sent: Sent },
): Promise<object> {
  const conversationId = BigInt(sent.conversationId);
  const { row, members } = await prisma.$transaction(async (tx) => {
    const members = await tx.conversationMember.findMany({
      where: { conversationId },
      select: { userId: true },
    });
    if (!members.some((member) => member.userId === userId)) throw new Error("not a member");
    const createdAt = new Date();
    const { lastSeq } = await tx.conversation.update({
      where: { id: conversationId },
      data: { lastSeq: { increment: 1 }, revision: { increment: 1 }, lastMessageAt: createdAt },
      select: { lastSeq: true },
    });
    const row = await tx.message.create({
      data: {
        conversationId,
        seq: lastSeq,
        id: nextId++,
        senderId: userId,
        dedupe: Buffer.from(sent.clientMessageId.replaceAll("-", ""), "hex"),
        kind: "text",
        body: sent.body,
        revision: lastSeq,
        createdAt,
      },
    });
    return { row, members };
  });
  const message = {
    id: String(row.id),
    conversationId: sent.conversationId,
    seq: row.seq,
    senderId: userId,
    body: row.body,
    clientMessageId: sent.clientMessageId,
    createdAt: row.createdAt.toISOString(),
  };
  const others = members.filter((member) => member.userId !== userId);
  socket.to(others.map((member) => `user:${member.userId}`)).emit("message:created", message);
  return message;
}
