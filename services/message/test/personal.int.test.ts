import { insertConversation, insertMessages } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";
import { type Talk, talkTo } from "./talk.ts";

let place: Place;
let service: MessageService;
let talk: Talk;
let ann: Person;
let ben: Person;
let eve: Person;

beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
  talk = talkTo(service);
  [ann, ben, eve] = [await service.person(), await service.person(), await service.person()];
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const group = (...people: { id: string }[]) =>
  insertConversation(place.stores, { kind: "group", memberIds: people.map(({ id }) => id) });
const refusal = ({ status, body }: { status: number; body: { reason: string } }) => [status, body.reason];
const syncOf = async (person: Person, after: number) => (await person.post("/v1/me/sync", { after })).body;
const headsOf = (person: Person) => talk.command(person.id, { name: "conversation:heads", payload: {} });
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

describe("mute, pin and archive", () => {
  it("are one's own, reach one's devices at once and others never", async () => {
    const id = await group(ann, ben);
    const [bens, anns] = [await place.gateway.connect(ben.id), await place.gateway.connect(ann.id, [id])];
    const mutedUntil = inAnHour();
    const { body } = await ben.patch(`/v1/conversations/${id}/personal`, { mutedUntil, pinned: true });
    expect(body).toMatchObject({ conversationId: id, mutedUntil, archivedAt: null, unreadFromSeq: null });
    expect(body.pinnedAt).toEqual(expect.any(String));
    const { state } = await bens.next("personal:updated");
    expect(state).toEqual(body);
    expect((await ben.get(`/v1/conversations/${id}`)).body.personal).toEqual(body);
    expect((await ann.get(`/v1/conversations/${id}`)).body.personal).toMatchObject({
      revision: 0,
      mutedUntil: null,
      pinnedAt: null,
    });
    await talk.send({ from: ben.id, conversationId: id });
    await anns.next("message:created");
    expect(anns.heard.map(({ event }) => event)).toEqual(["joined", "message:created"]);
  });

  it("change nothing and tell nothing when all is as asked, and end with null, false or a time that has passed", async () => {
    const id = await group(ann, ben);
    const set = async (change: object) => (await ben.patch(`/v1/conversations/${id}/personal`, change)).body;
    const first = await set({ pinned: true, archived: true, mutedUntil: inAnHour() });
    expect(await set({ pinned: true, archived: true })).toEqual(first);
    expect(await set({})).toEqual(first);
    const second = await set({ pinned: false, mutedUntil: new Date(0).toISOString() });
    expect(second).toEqual({
      ...first,
      revision: first.revision + 1,
      pinnedAt: null,
      mutedUntil: null,
    });
    expect(await set({ archived: false })).toMatchObject({ archivedAt: null, revision: first.revision + 2 });
    expect(
      (await ben.patch(`/v1/conversations/${id}/personal`, { mutedUntil: "10000-01-01T00:00:00Z" })).status,
    ).toBe(400);
    expect(refusal(await eve.patch(`/v1/conversations/${id}/personal`, { pinned: true }))).toEqual([
      404,
      "conversation",
    ]);
  });

  it("put pinned conversations before the newest, on every page, and let archived ones be asked for", async () => {
    const reader = await service.person();
    const ids: string[] = [];
    for (let n = 0; n < 7; n++) {
      const id = await group(ann, reader);
      await insertMessages(place.stores, { conversationId: id, senderId: ann.id, count: 1 });
      ids.push(id);
    }
    const [oldest, second, third] = ids as [string, string, string];
    for (const id of [oldest, third])
      await reader.patch(`/v1/conversations/${id}/personal`, { pinned: true });
    await reader.patch(`/v1/conversations/${second}/personal`, { archived: true });
    const walk = async (query: string) => {
      const seen: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const page: { items: { id: string }[]; nextCursor: string | null } = (
          await reader.get(`/v1/conversations?limit=1${query}${cursor && `&cursor=${cursor}`}`)
        ).body;
        seen.push(...page.items.map((item) => item.id));
        cursor = page.nextCursor;
      }
      return seen;
    };
    const newest = [...ids].reverse().filter((id) => id !== oldest && id !== third);
    expect(await walk("")).toEqual([third, oldest, ...newest]);
    expect(await walk("&archived=only")).toEqual([second]);
    expect(await walk("&archived=without")).toEqual([third, oldest, ...newest.filter((id) => id !== second)]);
  });
});

describe("drafts", () => {
  const draft = (person: Person, id: string, body: object) =>
    person.put(`/v1/conversations/${id}/draft`, body);

  it("follow a person to their devices, and are nobody else's", async () => {
    const id = await group(ann, ben);
    const [bens, anns] = [await place.gateway.connect(ben.id), await place.gateway.connect(ann.id, [id])];
    const { body } = await draft(ben, id, { body: "dear al" });
    expect(body).toMatchObject({ conversationId: id, threadRootId: null, body: "dear al", replyToId: null });
    expect((await bens.next("draft:updated")).draft).toEqual(body);
    expect((await syncOf(ben, 0)).drafts).toContainEqual(body);
    expect((await syncOf(ann, 0)).drafts).toEqual([]);
    await talk.send({ from: ben.id, conversationId: id });
    await anns.next("message:created");
    expect(anns.heard.map(({ event }) => event)).toEqual(["joined", "message:created"]);
    expect(refusal(await draft(eve, id, { body: "x" }))).toEqual([404, "conversation"]);
  });

  it("are not overwritten unseen by a device that knew an older one; the same text is no quarrel", async () => {
    const id = await group(ann, ben);
    const first = (await draft(ben, id, { body: "one" })).body;
    const second = (await draft(ben, id, { body: "one two", baseRevision: first.revision })).body;
    const stale = await draft(ben, id, { body: "one three", baseRevision: first.revision });
    expect(refusal(stale)).toEqual([409, "draft_changed"]);
    expect(refusal(await draft(ben, id, { body: "", baseRevision: first.revision }))).toEqual([
      409,
      "draft_changed",
    ]);
    expect((await draft(ben, id, { body: "one two", baseRevision: first.revision })).body).toEqual(second);
    expect((await draft(ben, id, { body: "", baseRevision: second.revision })).body).toMatchObject({
      body: "",
    });
    expect((await draft(ben, id, { body: "new", baseRevision: first.revision })).status).toBe(200);
  });

  it("that two devices begin at once come one after the other", async () => {
    const id = await group(ann, ben);
    const answers = await Promise.all(
      ["a", "b", "c", "d"].map((body) => draft(ben, id, { body, baseRevision: 0 })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  });

  it("are kept for each thread apart, and not where the server is not to read anything", async () => {
    const id = await group(ann, ben);
    const { message } = await talk.send({ from: ann.id, conversationId: id });
    await draft(ben, id, { body: "here" });
    await draft(ben, id, { body: "there", threadRootId: message.id });
    const { drafts } = await syncOf(ben, 0);
    const own = drafts.filter((one: { conversationId: string }) => one.conversationId === id);
    expect(own.map((one: { threadRootId: string; body: string }) => [one.threadRootId, one.body])).toEqual([
      [null, "here"],
      [message.id, "there"],
    ]);
    const elsewhere = await group(ann, ben);
    expect(refusal(await draft(ben, elsewhere, { body: "x", threadRootId: message.id }))).toEqual([
      400,
      "thread_root",
    ]);
    const sealed = await insertConversation(place.stores, {
      kind: "group",
      memberIds: [ann.id, ben.id],
      encrypted: true,
    });
    expect(refusal(await draft(ben, sealed, { body: "x" }))).toEqual([403, "sealed_only"]);
  });
});

describe("what is a person's own, from any revision", () => {
  it("is told by the heads, and walks any distance in pages that miss and repeat nothing", async () => {
    const person = await service.person();
    expect(await headsOf(person)).toMatchObject({ personalRevision: 0 });
    // Twenty at once: of hundreds, those who wait two seconds for a connection are told to come again (P10).
    for (let at = 0; at < 260; at += 10) {
      const rooms = await Promise.all(Array.from({ length: 10 }, () => group(ann, person)));
      await Promise.all([
        ...rooms.map((id) => person.patch(`/v1/conversations/${id}/personal`, { pinned: true })),
        ...rooms
          .filter((_, index) => at + index < 230)
          .map((id) => person.put(`/v1/conversations/${id}/draft`, { body: id })),
      ]);
    }
    expect(await headsOf(person)).toMatchObject({ personalRevision: 490 });
    const [states, drafts]: [Set<string>, Set<string>] = [new Set(), new Set()];
    let [after, pages, hasMore] = [0, 0, true];
    while (hasMore) {
      const page = await syncOf(person, after);
      for (const state of page.states) states.add(state.conversationId);
      for (const one of page.drafts) drafts.add(one.body);
      expect(page.revision).toBeGreaterThan(after);
      ({ revision: after, hasMore } = page);
      pages += 1;
    }
    expect([states.size, drafts.size, after]).toEqual([260, 230, 490]);
    expect(pages).toBeLessThan(6);
    const nothing = { states: [], drafts: [], hidden: [], hasMore: false };
    expect(await syncOf(person, 490)).toEqual({ revision: 490, ...nothing });
  });

  it("has a cleared draft for a device that knew it, and none for one that knows nothing", async () => {
    const person = await service.person();
    const id = await group(ann, person);
    await person.put(`/v1/conversations/${id}/draft`, { body: "soon gone" });
    await person.put(`/v1/conversations/${id}/draft`, { body: "" });
    expect((await syncOf(person, 1)).drafts).toMatchObject([{ body: "", revision: 2 }]);
    expect((await syncOf(person, 0)).drafts).toEqual([]);
  });

  it("is whole for a device that asked while the person was out of the group", async () => {
    const person = await service.person();
    const id = await group(ann, person);
    await person.patch(`/v1/conversations/${id}/personal`, { pinned: true });
    await person.put(`/v1/conversations/${id}/draft`, { body: "half a sen" });
    await person.delete(`/v1/conversations/${id}/members/${person.id}`);
    const { revision, ...meanwhile } = await syncOf(person, 0);
    await ann.put(`/v1/conversations/${id}/members/${person.id}`);
    const { states, drafts } = await syncOf(person, revision);
    expect([...meanwhile.states, ...states]).toMatchObject([{ conversationId: id, revision: 1 }]);
    expect([...meanwhile.drafts, ...drafts]).toMatchObject([{ body: "half a sen", revision: 2 }]);
  });

  it("is exact where many devices change it at once: each change has its own revision", async () => {
    const person = await service.person();
    const rooms = await Promise.all(Array.from({ length: 20 }, () => group(ann, person)));
    const answers = await Promise.all(
      rooms.map((id) => person.patch(`/v1/conversations/${id}/personal`, { archived: true })),
    );
    const revisions = answers.map(({ body }) => body.revision).sort((one, other) => one - other);
    expect(revisions).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });
});
