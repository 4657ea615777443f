import { insertConversation, insertMessages, insertUsers, until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Place } from "./harness.ts";
import { reasonOf, type Sent, type Talk, talkTo, untilLockWait } from "./talk.ts";

let place: Place;
let service: MessageService;
let second: MessageService;
let talk: Talk;
let other: Talk;
let ann: string;
let ben: string;
let eve: string;

beforeAll(async () => {
  place = await createPlace();
  [service, second] = [await place.start(), await place.start()];
  [talk, other] = [talkTo(service), talkTo(second)];
  [ann, ben, eve] = (await insertUsers(place.stores, 3)) as [string, string, string];
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const group = (...memberIds: string[]) => insertConversation(place.stores, { kind: "group", memberIds });
const rowsOf = (conversationId: string) =>
  place.stores.query("SELECT seq, revision, body FROM messages WHERE conversation_id = ? ORDER BY seq", [
    conversationId,
  ]);
const headOf = async (conversationId: string) =>
  (
    await place.stores.query("SELECT last_seq, revision FROM conversations WHERE id = ?", [conversationId])
  )[0] as { last_seq: number; revision: number };
describe("P1, P3, P4: what is sent", () => {
  it("is stored with the next seq and revision and answered in its wire form", async () => {
    const conversationId = await group(ann, ben);
    const first = await talk.send({ from: ann, conversationId, body: "one", metadata: { a: [1, "ü"] } });
    const next = await talk.send({ from: ben, conversationId, body: "two", kind: "code", mentions: [ann] });
    expect(first).toMatchObject({
      duplicate: false,
      message: { conversationId, seq: 1, revision: 2, senderId: ann, kind: "text", body: "one" },
    });
    expect(first.message).toMatchObject({
      metadata: { a: [1, "ü"] },
      replyTo: null,
      threadRootId: null,
      mentions: [],
      attachments: [],
      reactions: [],
      editedAt: null,
      deletedAt: null,
      pinnedAt: null,
    });
    expect(first.message.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(next.message).toMatchObject({ seq: 2, revision: 3, kind: "code", mentions: [ann] });
    expect(await headOf(conversationId)).toEqual({ last_seq: 2, revision: 3 });
  });

  it("stays dense when two services are sent fifty each at once", async () => {
    const conversationId = await group(ann, ben);
    const sends = Array.from({ length: 100 }, (_, index) =>
      (index % 2 ? talk : other).send({ from: index % 3 ? ann : ben, conversationId, body: String(index) }),
    );
    const seqs = (await Promise.all(sends)).map(({ message }) => message.seq).sort((a, b) => a - b);
    expect(seqs).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    const rows = await rowsOf(conversationId);
    expect(rows.map((row) => row.seq)).toEqual(seqs);
    expect(rows.map((row) => row.revision)).toEqual(seqs.map((seq) => seq + 1));
    expect(await headOf(conversationId)).toEqual({ last_seq: 100, revision: 101 });
  });

  it("keeps the order of a batch, also for people who have no conversation yet", async () => {
    const [cleo] = (await insertUsers(place.stores, 1)) as [string];
    const drafts = Array.from({ length: 20 }, (_, index) => ({ from: ann, to: cleo, body: `n${index}` }));
    const sent = await talk.sendAll(drafts);
    const ids = new Set(sent.map((one) => one.ok && one.value.message.conversationId));
    expect(ids.size).toBe(1);
    expect(sent.map((one) => one.ok && one.value.message.body)).toEqual(drafts.map((draft) => draft.body));
    expect(sent.map((one) => one.ok && one.value.message.seq)).toEqual(drafts.map((_, index) => index + 1));
  });

  it("reaches the devices of both in a direct conversation, and a group's room, in order of seq", async () => {
    const conversationId = await group(ann, ben);
    const direct = await insertConversation(place.stores, { kind: "direct", memberIds: [ann, ben] });
    const [annsPhone, bens] = [
      await place.gateway.connect(ann),
      await place.gateway.connect(ben, [conversationId]),
    ];
    await talk.sendAll(
      Array.from({ length: 64 }, (_, index) => ({
        from: ann,
        conversationId: index % 2 ? conversationId : direct,
        body: `n${index}`,
      })),
    );
    await until(() => bens.all("message:created").length === 64, { describe: "Ben has heard all" });
    await until(() => annsPhone.all("message:created").length === 32, {
      describe: "Ann has heard the direct ones",
    });
    for (const id of [conversationId, direct]) {
      const heard = bens.all("message:created").filter((message) => message.conversationId === id);
      expect(heard.map((message) => message.seq)).toEqual(
        Array.from({ length: 32 }, (_, index) => index + 1),
      );
    }
  });
});

describe("P2: a key", () => {
  it("stands for one message however often and wherever it is sent at once", async () => {
    const conversationId = await group(ann, ben);
    const clientMessageId = crypto.randomUUID();
    const sends = Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? talk : other).send({ from: ann, conversationId, clientMessageId }),
    );
    const sent = await Promise.all(sends);
    expect(new Set(sent.map(({ message }) => message.id)).size).toBe(1);
    expect(sent.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(await rowsOf(conversationId)).toHaveLength(1);
  });

  it("that another process is about to commit elsewhere is waited for, and belongs to whoever commits", async () => {
    for (const [commits, expected] of [
      [true, "conflict:client_message_id_used"],
      [false, 1],
    ] as const) {
      const [here, there] = [await group(ann, ben), await group(ann, ben)];
      const clientMessageId = crypto.randomUUID();
      const sending = Promise.withResolvers<Sent[]>();
      const other = place.stores.prisma.$transaction(async (tx) => {
        await tx.$executeRaw`
          INSERT INTO messages (conversation_id, seq, id, sender_id, dedupe, kind, body, revision, created_at)
          VALUES (${BigInt(there)}, 1, ${BigInt(there) + 9_000_000n}, ${ann},
            ${Buffer.from(clientMessageId.replaceAll("-", ""), "hex")}, 'text', 'there', 2, NOW(3))`;
        sending.resolve(talk.sendAll([{ from: ann, conversationId: here, clientMessageId }]));
        await untilLockWait(place);
        if (!commits) throw new Error("rolled back");
      });
      await Promise.allSettled([other]);
      const [sent] = await sending.promise;
      expect(sent?.ok ? sent.value.message.seq : reasonOf(sent)).toBe(expected);
    }
  });

  it("gives a repeat the message in its present state, also within one batch, and says nothing twice", async () => {
    const conversationId = await group(ann, ben);
    const device = await place.gateway.connect(ben, [conversationId]);
    const draft = { from: ann, conversationId, clientMessageId: crypto.randomUUID(), body: "first words" };
    const [one, two] = await talk.sendAll([draft, draft]);
    expect([one, two]).toMatchObject([{ value: { duplicate: false } }, { value: { duplicate: true } }]);
    const messageId = one?.ok ? one.value.message.id : "";
    await talk.command(ann, { name: "message:edit", payload: { messageId, body: "better words" } });
    const again = await other.send(draft);
    expect(again).toMatchObject({
      duplicate: true,
      message: { id: messageId, body: "better words", seq: 1 },
    });
    await talk.send({ from: ann, conversationId, body: "last" });
    await device.next("message:created", (message) => message.body === "last");
    expect(device.all("message:created").map((message) => message.seq)).toEqual([1, 2]);
  });

  it("refuses other words under a used key, and belongs to one sender alone", async () => {
    const conversationId = await group(ann, ben);
    const clientMessageId = crypto.randomUUID();
    await talk.send({ from: ann, conversationId, clientMessageId, body: "one" });
    for (const change of [
      { body: "two" },
      { kind: "code" as const },
      { metadata: { a: 1 } },
      { mentions: [ben] },
    ]) {
      const draft = { from: ann, conversationId, clientMessageId, body: "one", ...change };
      await expect(talk.send(draft)).rejects.toMatchObject({ code: "conflict" });
    }
    expect(await talk.send({ from: ben, conversationId, clientMessageId, body: "two" })).toMatchObject({
      duplicate: false,
    });
  });
});

describe("a refused item", () => {
  it("leaves its neighbours alone and no trace of itself", async () => {
    const conversationId = await group(ann, ben);
    const elsewhere = await group(eve);
    const foreign = (
      await insertMessages(place.stores, { conversationId: elsewhere, senderId: eve, count: 1 })
    )[0];
    const used = crypto.randomUUID();
    await talk.send({ from: ann, conversationId, clientMessageId: used, body: "used" });
    const sent = await talk.sendAll([
      { from: ann, conversationId, body: "a" },
      { from: eve, conversationId },
      { from: ann, conversationId: "999999999" },
      { from: ann, conversationId, clientMessageId: used, body: "not used" },
      { from: ann, conversationId, replyToId: foreign },
      { from: ann, conversationId, mentions: [eve] },
      { from: ann, conversationId, attachmentIds: ["nothing"] },
      { from: ann, to: ann },
      { from: ann, to: "nobody" },
      { from: ben, conversationId, body: "b" },
    ]);
    expect(sent.map((one) => (one.ok ? one.value.message.seq : reasonOf(one)))).toEqual([
      2,
      "not_found:conversation",
      "not_found:conversation",
      "conflict:client_message_id_used",
      "invalid:reply_target",
      "invalid:mention_not_member",
      "invalid:attachment_unknown",
      "invalid:yourself",
      "not_found:user",
      3,
    ]);
    expect((await rowsOf(conversationId)).map((row) => row.body)).toEqual(["used", "a", "b"]);
    expect(await headOf(conversationId)).toEqual({ last_seq: 3, revision: 4 });
  });

  it("is what those who have left get, like those who were never there", async () => {
    const conversationId = await group(ann, ben);
    await place.stores.prisma.conversationMember.updateMany({
      where: { conversationId: BigInt(conversationId), userId: ben },
      data: { leftAt: new Date() },
    });
    await expect(talk.send({ from: ben, conversationId })).rejects.toMatchObject({ code: "not_found" });
  });

  it("is everything but sealed bodies in an encrypted conversation", async () => {
    const conversationId = await insertConversation(place.stores, {
      kind: "group",
      memberIds: [ann, ben],
      encrypted: true,
    });
    await expect(talk.send({ from: ann, conversationId })).rejects.toMatchObject({
      code: "forbidden",
      reason: "sealed_only",
    });
    const { message } = await talk.send({ from: ann, conversationId, kind: "sealed", body: "b64:…" });
    expect(message).toMatchObject({ kind: "sealed", body: "b64:…", seq: 1 });
  });

  it("may be one that only the database refuses", async () => {
    const conversationId = await group(ann, ben);
    await place.stores.prisma.$executeRawUnsafe(`
      CREATE TRIGGER refuse BEFORE INSERT ON messages FOR EACH ROW
      IF NEW.body = 'poison' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'poison'; END IF`);
    const sent = await talk.sendAll(
      ["a", "poison", "c"].map((body) => ({ from: ann, conversationId, body })),
    );
    await place.stores.prisma.$executeRawUnsafe("DROP TRIGGER refuse");
    expect(sent.map((one) => (one.ok ? one.value.message.seq : reasonOf(one)))).toEqual([
      1,
      "internal:internal",
      2,
    ]);
    expect((await rowsOf(conversationId)).map((row) => row.body)).toEqual(["a", "c"]);
  });
});

describe("a reply", () => {
  it("quotes what it answers, also another reply, and stays beside it", async () => {
    const conversationId = await group(ann, ben);
    const root = (await talk.send({ from: ann, conversationId, body: "question" })).message;
    const reply = (await talk.send({ from: ben, conversationId, body: "answer", replyToId: root.id }))
      .message;
    const further = (await talk.send({ from: ann, conversationId, body: "thanks", replyToId: reply.id }))
      .message;
    expect(reply).toMatchObject({
      replyTo: { id: root.id, seq: 1, senderId: ann, kind: "text", body: "question" },
      threadRootId: null,
    });
    expect(further).toMatchObject({ replyTo: { id: reply.id, body: "answer" }, threadRootId: null });
    await talk.command(ann, { name: "message:delete", payload: { messageId: root.id, scope: "everyone" } });
    await expect(talk.send({ from: ben, conversationId, replyToId: root.id })).rejects.toMatchObject({
      code: "invalid",
      reason: "reply_target",
    });
  });
});
