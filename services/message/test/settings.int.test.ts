/** What a group's settings forbid and hide, and who may change them. */
import type { Conversation, Message } from "@confab/contract";
import { createManualClock } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";
import { reasonOf, type Talk, talkTo } from "./talk.ts";

const clock = createManualClock(Date.now());
let place: Place;
let service: MessageService;
let talk: Talk;
let ann: Person;
let mod: Person;
let ben: Person;
let cat: Person;

beforeAll(async () => {
  place = await createPlace();
  service = await place.start({}, { clock });
  talk = talkTo(service);
  [ann, mod, ben, cat] = (await Promise.all([1, 2, 3, 4].map(() => service.person()))) as [
    Person,
    Person,
    Person,
    Person,
  ];
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

/** Ann is its admin, mod its moderator, Ben a member. */
async function group(settings: Partial<Conversation["settings"]> = {}): Promise<string> {
  const memberIds = [mod.id, ben.id];
  const body = { kind: "group", title: "A group", memberIds, ...settings };
  const { id } = (await ann.post("/v1/conversations", body)).body;
  await ann.patch(`/v1/conversations/${id}/members/${mod.id}`, { role: "moderator" });
  return id;
}
const sendAs = async (person: Person, conversationId: string, message: { replyToId?: string } = {}) =>
  (await talk.sendAll([{ from: person.id, conversationId, ...message }]))[0];
const said = async (person: Person, conversationId: string, message: { replyToId?: string } = {}) =>
  (await talk.send({ from: person.id, conversationId, body: `by ${person.id}`, ...message })).message;
const historyOf = async (person: Person, id: string, query = ""): Promise<Message[]> =>
  (await person.get(`/v1/conversations/${id}/messages${query}`)).body.items;
const texts = (messages: Message[]) => messages.filter(({ kind }) => kind === "text").map(({ id }) => id);

describe("settings", () => {
  it("are as asked, else open to all, and every change is heard, told and written down", async () => {
    const id = await group();
    const path = `/v1/conversations/${id}`;
    const { settings, revision } = (await ann.get(path)).body;
    expect(settings).toEqual({ history: "all", announcement: false, slowModeSeconds: 0 });
    const phone = await place.gateway.connect(ben.id, [id]);
    const changed = await ann.patch(path, { announcement: true, slowModeSeconds: 30 });
    expect(changed).toMatchObject({
      status: 200,
      body: { settings: { history: "all", announcement: true, slowModeSeconds: 30 }, revision: revision + 2 },
    });
    expect((await phone.next("conversation:updated")).conversation.settings.slowModeSeconds).toBe(30);
    expect(await phone.next("message:created")).toMatchObject({
      kind: "system",
      metadata: { event: "settings_changed", announcement: true, slowModeSeconds: 30 },
    });
    // Again: nothing changes, and nobody hears of it.
    expect((await ann.patch(path, { slowModeSeconds: 30 })).body.revision).toBe(revision + 2);
    expect((await ann.get(`${path}/audit`)).body.items[0]).toMatchObject({
      action: "settings_changed",
      actorId: ann.id,
      subjectId: null,
      details: { announcement: true, slowModeSeconds: 30 },
    });
  });

  it("are changed by those who may: announcements by admins, slow mode by moderators too", async () => {
    const path = `/v1/conversations/${await group()}`;
    expect((await mod.patch(path, { announcement: true })).body.reason).toBe("role");
    expect((await mod.patch(path, { slowModeSeconds: 5 })).status).toBe(200);
    expect((await ben.patch(path, { slowModeSeconds: 0 })).body.reason).toBe("role");
    expect((await cat.patch(path, { slowModeSeconds: 0 })).body.code).toBe("not_found");
    expect((await ann.patch(path, { slowModeSeconds: 121 })).body.code).toBe("invalid");
    expect((await ann.patch(path, { history: "joining" })).body.code).toBe("invalid");
  });

  it("tells of a new role and a new picture", async () => {
    const id = await group();
    await ann.patch(`/v1/conversations/${id}`, { avatarUrl: "https://a.example/g.png" });
    const told = (await historyOf(ben, id)).map(({ metadata }) => metadata);
    expect(told).toEqual([
      expect.objectContaining({ event: "conversation_created" }),
      { event: "role_changed", userId: mod.id, role: "moderator" },
      { event: "avatar_changed", avatarUrl: "https://a.example/g.png" },
    ]);
  });
});

describe("an announcement group", () => {
  it("lets only roles post, and everybody react", async () => {
    const id = await group({ announcement: true });
    expect(reasonOf(await sendAs(ben, id))).toBe("forbidden:announcement");
    expect(reasonOf(await sendAs(cat, id))).toBe("not_found:conversation");
    const { id: messageId } = await said(mod, id);
    expect((await sendAs(ann, id))?.ok).toBe(true);
    const payload = { messageId, emoji: "👍" };
    const { message } = await talk.command(ben.id, { name: "reaction:add", payload });
    expect(message.reactions).toMatchObject([{ emoji: "👍", mine: true }]);
  });
});

describe("slow mode", () => {
  it("makes members wait, each for themself, says for how long, and lets roles pass", async () => {
    const id = await group({ slowModeSeconds: 10 });
    const key = crypto.randomUUID();
    const first = await talk.send({ from: ben.id, conversationId: id, clientMessageId: key });
    clock.advance(4000);
    const refused = await sendAs(ben, id);
    expect(reasonOf(refused)).toBe("rate_limited:slow_mode");
    expect(refused).toMatchObject({ error: { retryAfterMs: 6000 } });
    // The retry of what was sent is no second message.
    const again = await talk.send({ from: ben.id, conversationId: id, clientMessageId: key });
    expect(again).toMatchObject({ duplicate: true, message: { id: first.message.id } });
    for (const person of [ann, ann, mod, mod]) expect((await sendAs(person, id))?.ok).toBe(true);
    clock.advance(6000);
    expect((await sendAs(ben, id))?.ok).toBe(true);
    expect(reasonOf(await sendAs(ben, id))).toBe("rate_limited:slow_mode");
    await ann.patch(`/v1/conversations/${id}`, { slowModeSeconds: 0 });
    expect((await sendAs(ben, id))?.ok).toBe(true);
  });

  it("counts what arrives at once one by one", async () => {
    const id = await group({ slowModeSeconds: 10 });
    const drafts = [1, 2, 3].map(() => ({ from: ben.id, conversationId: id }));
    expect((await talk.sendAll(drafts)).map((outcome) => reasonOf(outcome) ?? "sent")).toEqual([
      "sent",
      "rate_limited:slow_mode",
      "rate_limited:slow_mode",
    ]);
  });
});

describe("history from joining", () => {
  it("hides what was said before from whoever joined, wherever it could show", async () => {
    const id = await group({ history: "joining" });
    const early = await said(ann, id);
    await ann.put(`/v1/conversations/${id}/members/${cat.id}`);
    // The system message that tells of the joining is the first that they see.
    const page = (await cat.get(`/v1/conversations/${id}/messages?limit=50`)).body;
    expect(page).toMatchObject({ hasOlder: false, hasNewer: false });
    expect(page.items.map((message: Message) => message.metadata?.event)).toEqual(["members_added"]);
    expect(texts(await historyOf(cat, id, "?after=0"))).toEqual([]);
    expect(texts(await historyOf(cat, id, `?around=${early.seq}`))).toEqual([]);
    expect(await historyOf(cat, id, `?before=${early.seq + 1}`)).toEqual([]);
    expect((await cat.get(`/v1/conversations/${id}`)).body).toMatchObject({
      unreadCount: 0,
      lastMessage: { metadata: { event: "members_added" } },
    });

    const late = await said(ben, id, { replyToId: early.id });
    const quoteFor = async (person: Person) =>
      (await historyOf(person, id)).find((message) => message.id === late.id)?.replyTo;
    expect(await quoteFor(ann)).toMatchObject({ id: early.id, body: early.body });
    expect(await quoteFor(cat)).toMatchObject({ id: early.id, body: null });

    const sync = (await cat.post("/v1/sync", { cursors: { [id]: 0 } })).body.conversations[0];
    expect(texts(sync.messages)).toEqual([late.id]);
    // An edit gives the old message a new revision, and shows it no more than before.
    const edit = { messageId: early.id, body: "changed" };
    await talk.command(ann.id, { name: "message:edit", payload: edit });
    const after = { cursors: { [id]: sync.revision } };
    expect((await cat.post("/v1/sync", after)).body.conversations[0].messages).toEqual([]);
    expect(texts((await ben.post("/v1/sync", after)).body.conversations[0].messages)).toEqual([early.id]);
  });

  it("leaves nothing to be done with what is hidden", async () => {
    const id = await group({ history: "joining" });
    const early = await said(ann, id);
    await ann.put(`/v1/conversations/${id}/members/${cat.id}`);
    const path = `/v1/messages/${early.id}`;
    const answers = [
      await cat.put(`${path}/reactions/x`),
      await cat.put(`${path}/pin`),
      await cat.patch(path, { body: "x" }),
      await cat.delete(path),
      await cat.delete(`${path}?scope=me`),
      await cat.post(`${path}/reports`, { category: "spam" }),
    ];
    for (const answer of answers) expect(answer).toMatchObject({ status: 404, body: { reason: "message" } });
    expect(reasonOf(await sendAs(cat, id, { replyToId: early.id }))).toBe("invalid:reply_target");
  });

  it("tells the room a quote's words only if all of it may read them", async () => {
    const id = await group({ history: "joining" });
    const early = await said(ann, id);
    const phone = await place.gateway.connect(ben.id, [id]);
    const first = await said(ben, id, { replyToId: early.id });
    expect(first.replyTo?.body).toBe(early.body);
    await ann.put(`/v1/conversations/${id}/members/${cat.id}`);
    const second = await said(ben, id, { replyToId: early.id });
    const heard = await phone.next("message:created", (message) => message.id === second.id);
    expect(heard.replyTo).toMatchObject({ id: early.id, body: null });
    await talk.command(ben.id, { name: "message:edit", payload: { messageId: second.id, body: "again" } });
    const edited = await phone.next("message:updated", (message) => message.id === second.id);
    expect(edited.replyTo).toMatchObject({ id: early.id, body: null });
  });

  it("begins anew for whoever comes back, and is all of it where joiners see all", async () => {
    const [closed, open] = [await group({ history: "joining" }), await group({ history: "all" })];
    for (const id of [closed, open]) {
      await said(ann, id);
      await ann.delete(`/v1/conversations/${id}/members/${ben.id}`);
      await said(ann, id);
      await ann.put(`/v1/conversations/${id}/members/${ben.id}`);
      await said(ann, id);
    }
    expect(texts(await historyOf(ben, closed))).toHaveLength(1);
    expect(texts(await historyOf(ben, open))).toHaveLength(3);
  });
});
