/** The REST of seed 003, as a client of that system uses it, beside people who use `/v1`. */
import { until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";

let place: Place;
let service: MessageService;
let ada: Person;
let bob: Person;
let stranger: Person;
beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
  [ada, bob, stranger] = [await service.person(), await service.person(), await service.person()];
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

const newGroup = async (...people: Person[]): Promise<string> => {
  const answer = await ada.post("/api/conversations/group", {
    title: "Project Team",
    participant_ids: people.map(({ id }) => id),
  });
  expect(answer.status).toBe(201);
  return answer.body.id;
};
const say = async (person: Person, conversationId: string, content: string): Promise<string> =>
  (await person.post("/api/messages", { conversation_id: conversationId, content })).body.id;
const plain = (status: number, code: string, reason: string) => ({
  status,
  body: { success: false, error: expect.any(String), code, reason },
});

describe("conversations", () => {
  it("direct: the same one for both, as `/v1` has it", async () => {
    const made = await ada.post("/api/conversations/direct", { user_id: bob.id });
    expect(made).toMatchObject({
      status: 201,
      body: { type: "direct", title: null, last_message: null, unread_count: 0 },
    });
    expect(made.body.participants.map((one: { user_id: string }) => one.user_id).sort()).toEqual(
      [ada.id, bob.id].sort(),
    );
    const again = await bob.post("/api/conversations/direct", { user_id: Number(ada.id) });
    expect(again.body.id).toBe(made.body.id);
    expect((await ada.get(`/v1/conversations/${made.body.id}`)).body.id).toBe(made.body.id);
  });

  it("group: made, grown, shrunk, left", async () => {
    const id = await newGroup(bob);
    const grown = await ada.post(`/api/conversations/${id}/participants`, { user_id: stranger.id });
    expect(grown).toMatchObject({ status: 200, body: { id, type: "group", title: "Project Team" } });
    const roles = Object.fromEntries(
      grown.body.participants.map((one: { user_id: string; role: string }) => [one.user_id, one.role]),
    );
    expect(roles).toEqual({ [ada.id]: "admin", [bob.id]: "member", [stranger.id]: "member" });
    const shrunk = await ada.delete(`/api/conversations/${id}/participants/${stranger.id}`);
    expect(shrunk.body.participants).toHaveLength(2);
    expect(await stranger.get(`/api/conversations/${id}`)).toMatchObject(
      plain(404, "not_found", "conversation"),
    );
    expect((await bob.delete(`/api/conversations/${id}/participants/${bob.id}`)).body).toEqual({
      id,
      participants: [],
    });
    expect((await ada.get(`/api/conversations/${id}`)).body.participants).toHaveLength(1);
  });

  it("are listed by position, newest activity first", async () => {
    const me = await service.person();
    const ids: string[] = [];
    for (const other of [ada, bob, stranger]) {
      const { body } = await me.post("/api/conversations/direct", { user_id: other.id });
      ids.unshift(body.id);
    }
    await say(me, ids[2] as string, "up again");
    const order = [ids[2], ids[0], ids[1]];
    const page = async (query: string) => {
      const { body } = await me.get(`/api/conversations${query}`);
      return { total: body.total, ids: body.conversations.map((one: { id: string }) => one.id) };
    };
    expect(await page("")).toEqual({ total: 3, ids: order });
    expect(await page("?limit=2")).toEqual({ total: 3, ids: order.slice(0, 2) });
    expect(await page("?limit=2&offset=2")).toEqual({ total: 3, ids: order.slice(2) });
    expect(await page("?limit=5000&offset=3")).toEqual({ total: 3, ids: [] });
    const { body } = await me.get("/api/conversations?limit=1");
    expect(body.conversations[0].last_message).toMatchObject({ content: "up again", sender_id: me.id });
  });
});

describe("messages", () => {
  /** All that JSON carries and a careless hand would change: ends, case, escapes, padding, beyond the first plane. */
  const SEALED = ' \u0000\u0007\ttrailing \n\r\u2028 AAECaw==+/\\" <b>&amp;</b> e\u0301 \ufeff 😂\u{10FFFF} ';

  it("sealed words are carried byte for byte, to REST and sockets of either kind", async () => {
    const id = await newGroup(bob);
    const device = await place.gateway.connect(bob.id, [id]);
    const sent = await ada.post("/api/messages", { conversation_id: id, content_encrypted: SEALED });
    expect(sent).toMatchObject({
      status: 201,
      body: { conversation_id: id, sender_id: ada.id, content_encrypted: SEALED, is_encrypted: true },
    });
    expect(sent.body).not.toHaveProperty("content");
    expect(sent.body.created_at).toMatch(/Z$/);
    const told = await device.next("message:created", (message) => message.id === sent.body.id);
    expect(told).toMatchObject({ kind: "sealed", body: SEALED });
    const native = await bob.get(`/v1/conversations/${id}/messages?limit=1`);
    expect(Buffer.from(native.body.items[0].body)).toEqual(Buffer.from(SEALED));
    const edited = await ada.patch(`/api/messages/${sent.body.id}`, { content_encrypted: `${SEALED}2` });
    expect(edited.body).toMatchObject({ is_edited: true, content_encrypted: `${SEALED}2` });
    const listed = (await bob.get(`/api/messages/${id}?limit=1`)).body.messages[0];
    expect(listed).toMatchObject({ id: sent.body.id, content_encrypted: `${SEALED}2` });
  });

  it("plain words are plain for both, and never change into the other kind", async () => {
    const id = await newGroup(bob);
    const text = await say(ada, id, "Hello");
    expect((await bob.get(`/v1/conversations/${id}/messages?limit=1`)).body.items[0]).toMatchObject({
      kind: "text",
      body: "Hello",
    });
    expect((await bob.get(`/api/messages/${id}?limit=1`)).body.messages[0]).toMatchObject({
      content: "Hello",
      content_encrypted: "Hello",
      is_encrypted: false,
    });
    const sealed = await ada.post("/api/messages", {
      conversation_id: Number(id),
      content_encrypted: "c2VhbGVk",
    });
    const cross = [
      await ada.patch(`/api/messages/${text}`, { content_encrypted: "x" }),
      await ada.patch(`/api/messages/${sealed.body.id}`, { content: "x" }),
    ];
    expect(cross).toMatchObject([plain(409, "conflict", "not_sealed"), plain(409, "conflict", "sealed")]);
    expect((await ada.patch(`/api/messages/${text}`, { content: "Hi" })).body).toMatchObject({
      id: text,
      is_edited: true,
      content: "Hi",
    });
  });

  it("a retry with the same key is the same message", async () => {
    const id = await newGroup(bob);
    const send = () =>
      service.call("POST", "/api/messages", {
        token: ada.accessToken,
        headers: { "idempotency-key": "once" },
        body: { conversation_id: id, content: "once" },
      });
    const [first, second] = [await send(), await send()];
    expect(second.body).toEqual(first.body);
  });

  it("a deleted one keeps its place and loses its words", async () => {
    const id = await newGroup(bob);
    const message = await say(ada, id, "secret");
    expect(await bob.delete(`/api/messages/${message}`)).toMatchObject(plain(403, "forbidden", "not_author"));
    expect(await ada.delete(`/api/messages/${message}`)).toMatchObject({
      status: 200,
      body: { success: true },
    });
    const { body } = await bob.get(`/api/messages/${id}`);
    expect(body.messages[0]).toMatchObject({ id: message, is_deleted: true, content: null });
    expect(JSON.stringify(body)).not.toContain("secret");
  });

  it("pages by position neither overlap nor leave out, whatever one has hidden", async () => {
    const id = await newGroup(bob);
    for (let n = 1; n <= 12; n++) await say(ada, id, `m${n}`);
    const all = (await ada.get(`/api/messages/${id}`)).body;
    // The first message of a group is the system's own.
    expect(all.total).toBe(13);
    expect(all.messages.map((one: { content: string }) => one.content).slice(0, 3)).toEqual([
      "m12",
      "m11",
      "m10",
    ]);
    const hidden = [0, 4, 5, 9].map((n) => all.messages[n].id);
    for (const message of hidden) await bob.delete(`/v1/messages/${message}?scope=me`);
    const expected = all.messages
      .map((one: { id: string }) => one.id)
      .filter((one: string) => !hidden.includes(one));
    for (const limit of [1, 2, 3, 5]) {
      const paged: string[] = [];
      for (let offset = 0, total = 1; offset < total; offset += limit) {
        const { body } = await bob.get(`/api/messages/${id}?limit=${limit}&offset=${offset}`);
        total = body.total;
        expect(total).toBe(9);
        expect(body.messages).toHaveLength(Math.min(limit, total - offset));
        paged.push(...body.messages.map((one: { id: string }) => one.id));
      }
      expect(paged).toEqual(expected);
    }
    expect((await bob.get(`/api/messages/${id}?offset=9`)).body).toEqual({ messages: [], total: 9 });
  });
});

describe("status and reactions", () => {
  it("move watermarks and are told to both worlds", async () => {
    const id = await newGroup(bob);
    const [first, second] = [await say(ada, id, "one"), await say(ada, id, "two")];
    const device = await place.gateway.connect(ada.id, [id]);
    const mark = (message: string, status_type: string) =>
      bob.post(`/api/messages/${message}/status`, { status_type });
    expect(await mark(second, "delivered")).toMatchObject({
      status: 200,
      body: { message_id: second, status_type: "delivered" },
    });
    await device.next("receipt:updated", ({ deliveredSeq, readSeq }) => deliveredSeq === 3 && readSeq === 0);
    await mark(first, "read");
    await device.next("receipt:updated", ({ deliveredSeq, readSeq }) => deliveredSeq === 3 && readSeq === 2);
    expect((await bob.get(`/api/conversations/${id}`)).body.unread_count).toBe(1);
    expect((await mark(first, "delivered")).status).toBe(200);
    expect(await mark(first, "reaction")).toMatchObject(plain(400, "invalid", "invalid:status_type"));
  });

  it("reactions are one per person and emoji", async () => {
    const id = await newGroup(bob);
    const message = await say(ada, id, "funny");
    const react = () => bob.post(`/api/messages/${message}/reactions`, { emoji: "😂" });
    expect(await react()).toMatchObject({
      status: 200,
      body: { message_id: message, reaction_emoji: "😂" },
    });
    expect((await react()).status).toBe(200);
    expect((await ada.get(`/api/messages/${id}?limit=1`)).body.messages[0].reactions).toEqual([
      { emoji: "😂", count: 1, user_ids: [bob.id] },
    ]);
  });
});

describe("refusals are in the seed's plain form", () => {
  it("to those outside, for everything, the same as for what does not exist", async () => {
    const id = await newGroup(bob);
    const message = await say(ada, id, "inside");
    const attempts = (conversationId: string, messageId: string) => [
      stranger.get(`/api/conversations/${conversationId}`),
      stranger.get(`/api/messages/${conversationId}`),
      stranger.post("/api/messages", { conversation_id: conversationId, content: "x" }),
      stranger.post(`/api/conversations/${conversationId}/participants`, { user_id: stranger.id }),
      stranger.delete(`/api/conversations/${conversationId}/participants/${bob.id}`),
      stranger.patch(`/api/messages/${messageId}`, { content: "x" }),
      stranger.delete(`/api/messages/${messageId}`),
      stranger.post(`/api/messages/${messageId}/status`, { status_type: "read" }),
      stranger.post(`/api/messages/${messageId}/reactions`, { emoji: "😂" }),
    ];
    const theirs = await Promise.all(attempts(id, message));
    const nobodys = await Promise.all(attempts("900000000000001", "900000000000001"));
    for (const [index, answer] of theirs.entries()) {
      expect(answer).toMatchObject({ status: 404, body: { success: false, code: "not_found" } });
      expect(nobodys[index]).toMatchObject({ status: 404, body: { success: false, code: "not_found" } });
    }
    expect((await ada.get(`/api/messages/${id}`)).body.total).toBe(2);
  });

  it.each([
    ["/api/messages", { conversation_id: "1" }, "invalid:content_encrypted"],
    ["/api/messages", { conversation_id: "1", content: " " }, "invalid:content_encrypted"],
    ["/api/messages", { conversation_id: "x", content: "hi" }, "invalid:conversation_id"],
    ["/api/messages", "{", "fst_err_ctp_invalid_json_body"],
    ["/api/conversations/group", { title: "" }, "invalid:title"],
    ["/api/conversations/direct", {}, "invalid:user_id"],
  ])("for what is not of the documented shape: %s %j", async (path, body, reason) => {
    expect(await ada.post(path, body)).toMatchObject(plain(400, "invalid", reason));
  });

  it("for a body that is too long, a page that is none, and nobody at all", async () => {
    const id = await newGroup(bob);
    const long = { conversation_id: id, content_encrypted: "x".repeat(16_385) };
    expect(await ada.post("/api/messages", long)).toMatchObject(
      plain(413, "too_large", "too_large:content_encrypted"),
    );
    for (const query of ["limit=0", "limit=x", "offset=-1", "offset=1.5"]) {
      expect((await ada.get(`/api/messages/${id}?${query}`)).status).toBe(400);
    }
    expect(await service.call("GET", "/api/conversations")).toMatchObject(
      plain(401, "unauthenticated", "token_missing"),
    );
  });
});

it("what one world says, the other hears", async () => {
  const id = await newGroup(bob);
  const device = await place.gateway.connect(ada.id, [id]);
  await say(bob, id, "from the old world");
  expect(await device.next("message:created", ({ kind }) => kind === "text")).toMatchObject({
    body: "from the old world",
  });
  await ada.post(`/v1/conversations/${id}/messages`, { body: "from the new one" });
  await until(
    async () => (await bob.get(`/api/messages/${id}`)).body.messages[0].content === "from the new one",
  );
});
