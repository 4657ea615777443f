import type { Conversation } from "@confab/contract";
import { insertConversation, insertMessages, insertUsers, until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, createPlace, type MessageService, type Person, type Place } from "./harness.ts";

let place: Place;
let service: MessageService;
beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

const people = (count: number) => Promise.all(Array.from({ length: count }, () => service.person()));
const direct = (from: Person, to: Person) =>
  from.post("/v1/conversations", { kind: "direct", userId: to.id });
async function group(creator: Person, members: Person[], title = "A group"): Promise<Conversation> {
  const made = await creator.post("/v1/conversations", {
    kind: "group",
    title,
    memberIds: members.map((member) => member.id),
  });
  expect(made.status).toBe(201);
  return made.body;
}
const countDirect = async (a: Person, b: Person) => {
  const key = [a.id, b.id].sort().join(" ");
  const rows = await place.stores.query("SELECT id FROM conversations WHERE direct_key = ?", [key]);
  return rows.length;
};

describe("a direct conversation", () => {
  it("is the same one for ever, whoever opens it, and its two people see it at once", async () => {
    const [ann, ben] = (await people(2)) as [Person, Person];
    const phone = await place.gateway.connect(ben.id);
    const made = await direct(ann, ben);
    expect(made).toMatchObject({
      status: 201,
      body: { kind: "direct", title: null, memberCount: 2, lastSeq: 0, revision: 1, lastMessageAt: null },
    });
    const ids = made.body.members.map((member: { userId: string }) => member.userId);
    expect(ids.sort()).toEqual([ann.id, ben.id].sort());
    const { conversation } = await phone.next("conversation:updated");
    expect(conversation).toEqual(made.body);
    expect((await direct(ben, ann)).body.id).toBe(made.body.id);
    expect((await direct(ann, ben)).body.id).toBe(made.body.id);
  });

  it("is one for fifty who open it at once, from both sides and in two processes", async () => {
    const [ann, ben] = (await people(2)) as [Person, Person];
    await using other = await place.start();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => {
        const [from, to] = n % 2 === 0 ? [ann, ben] : [ben, ann];
        const at = n % 4 < 2 ? service : other;
        return at.call("POST", "/v1/conversations", {
          token: from.accessToken,
          body: { kind: "direct", userId: to.id },
        });
      }),
    );
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.body.id}`)).size).toBe(1);
    expect(await countDirect(ann, ben)).toBe(1);
    const members = await place.stores.query("SELECT * FROM conversation_members WHERE conversation_id = ?", [
      answers[0]?.body.id,
    ]);
    expect(members).toHaveLength(2);
  });

  it("is with somebody else, who exists, and stays theirs alone", async () => {
    const [ann, ben, eve] = (await people(3)) as [Person, Person, Person];
    expect(await direct(ann, ann)).toMatchObject({
      status: 400,
      body: { code: "invalid", reason: "yourself" },
    });
    expect(await ann.post("/v1/conversations", { kind: "direct", userId: "nobody" })).toMatchObject({
      status: 404,
      body: { code: "not_found", reason: "user" },
    });
    const { id } = (await direct(ann, ben)).body;
    const path = `/v1/conversations/${id}`;
    const refused = [
      await ann.put(`${path}/members/${eve.id}`),
      await ann.delete(`${path}/members/${ben.id}`),
      await ann.delete(`${path}/members/${ann.id}`),
      await ann.patch(path, { title: "Ours" }),
      await ann.patch(`${path}/members/${ben.id}`, { role: "admin" }),
    ];
    for (const answer of refused) {
      expect(answer).toMatchObject({ status: 409, body: { reason: "direct_conversation" } });
    }
  });
});

describe("a group", () => {
  it("begins with its creator as admin and everybody once, and reaches all of them", async () => {
    const [ann, ben, cat] = (await people(3)) as [Person, Person, Person];
    const devices = await Promise.all([ann, ben, cat].map((person) => place.gateway.connect(person.id)));
    const made = await group(ann, [ben, cat, ben, ann], "  Trip  ");
    expect(made).toMatchObject({ kind: "group", title: "Trip", memberCount: 3 });
    const roles = Object.fromEntries(made.members.map((member) => [member.userId, member.role]));
    expect(roles).toEqual({ [ann.id]: "admin", [ben.id]: "member", [cat.id]: "member" });
    for (const device of devices) {
      const { conversation } = await device.next("conversation:updated");
      expect(conversation).toMatchObject({ id: made.id, revision: 1, lastSeq: 0, title: "Trip" });
      // The room may fill too late for the first message; the head makes up for that.
      await device.next("head", ({ revisions }) => revisions[made.id] === 2);
    }
    for (const person of [ann, ben, cat]) expect(place.gateway.hears(person.id, made.id)).toBe(true);
    const history = (await ben.get(`/v1/conversations/${made.id}/messages`)).body.items;
    expect(history).toMatchObject([{ seq: 1, revision: 2, kind: "system", senderId: ann.id }]);
  });

  it("may begin with its creator alone, but not with somebody who does not exist", async () => {
    const ann = await service.person();
    expect((await group(ann, [])).memberCount).toBe(1);
    const body = { kind: "group", title: "Ghosts", memberIds: [ann.id, "ghost"] };
    expect(await ann.post("/v1/conversations", body)).toMatchObject({
      status: 404,
      body: { reason: "user" },
    });
    const left = await place.stores.query("SELECT id FROM conversations WHERE title = 'Ghosts'");
    expect(left).toEqual([]);
  });

  it("takes a thousand people in one go", async () => {
    const ann = await service.person();
    const memberIds = await insertUsers(place.stores, 1000);
    const body = { kind: "group", title: "Everybody", memberIds };
    const made = await ann.post("/v1/conversations", body);
    expect(made).toMatchObject({ status: 201, body: { memberCount: 1001 } });
    expect(made.body.members).toHaveLength(200);
    const more = { ...body, memberIds: [...memberIds, "one-more"] };
    expect((await ann.post("/v1/conversations", more)).status).toBe(400);
  });

  it("changes its title and picture in steps of one revision, for all to hear", async () => {
    const [ann, ben] = (await people(2)) as [Person, Person];
    const { id } = await group(ann, [ben]);
    const phone = await place.gateway.connect(ben.id, [id]);
    const path = `/v1/conversations/${id}`;
    expect(
      (await ann.patch(path, { title: "New", avatarUrl: "https://a.example/g.png" })).body,
    ).toMatchObject({
      title: "New",
      avatarUrl: "https://a.example/g.png",
      revision: 4,
      lastSeq: 2,
    });
    const { conversation } = await phone.next("conversation:updated");
    expect(conversation).toMatchObject({ title: "New", revision: 3, lastSeq: 1 });
    const message = await phone.next("message:created");
    expect(message).toMatchObject({
      seq: 2,
      revision: 4,
      kind: "system",
      metadata: { event: "title_changed" },
    });
    expect((await ann.patch(path, {})).body.revision).toBe(4);
    expect(await ben.patch(path, { title: "Mine" })).toMatchObject({ status: 403, body: { reason: "role" } });
  });
});

describe("the members of a group", () => {
  it("grow by an admin's hand, once each, and hear from then on", async () => {
    const [ann, ben, cat] = (await people(3)) as [Person, Person, Person];
    const { id } = await group(ann, [ben]);
    await insertMessages(place.stores, { conversationId: id, senderId: ann.id, count: 3 });
    const [bens, cats] = await Promise.all([
      place.gateway.connect(ben.id, [id]),
      place.gateway.connect(cat.id),
    ]);
    const path = `/v1/conversations/${id}/members/${cat.id}`;
    expect((await ben.put(path)).body.code).toBe("forbidden");
    expect((await cat.put(path)).body.code).toBe("not_found");
    expect((await cat.get(`/v1/conversations/${id}`)).status).toBe(404);

    const added = await ann.put(path);
    expect(added).toMatchObject({ status: 200, body: { memberCount: 3, revision: 7, lastSeq: 5 } });
    const member = added.body.members.find((one: { userId: string }) => one.userId === cat.id);
    expect(member).toMatchObject({ role: "member", joinedSeq: 4, deliveredSeq: 4, readSeq: 4 });
    expect((await bens.next("conversation:updated")).conversation).toMatchObject({
      revision: 6,
      memberCount: 3,
    });
    expect(await bens.next("message:created")).toMatchObject({
      revision: 7,
      metadata: { event: "members_added" },
    });
    expect((await cats.next("conversation:updated")).conversation).toMatchObject({ id, revision: 6 });
    await cats.next("head", ({ revisions }) => revisions[id] === 7);
    expect(place.gateway.hears(cat.id, id)).toBe(true);

    expect((await ann.put(path)).body).toMatchObject({ memberCount: 3, revision: 7 });
    expect((await ann.put(`/v1/conversations/${id}/members/ghost`)).body.reason).toBe("user");
  });

  it("are removed and hear no more, and the conversation is then not theirs", async () => {
    const [ann, ben] = (await people(2)) as [Person, Person];
    const { id } = await group(ann, [ben]);
    await ann.patch(`/v1/conversations/${id}/members/${ben.id}`, { role: "moderator" });
    const [anns, bens] = await Promise.all([
      place.gateway.connect(ann.id, [id]),
      place.gateway.connect(ben.id, [id]),
    ]);
    expect((await ann.delete(`/v1/conversations/${id}/members/${ben.id}`)).status).toBe(204);
    expect(await bens.next("conversation:removed")).toEqual({ conversationId: id });
    expect((await anns.next("conversation:updated")).conversation).toMatchObject({
      memberCount: 1,
      revision: 5,
    });
    await until(() => !place.gateway.hears(ben.id, id));
    for (const answer of [
      await ben.get(`/v1/conversations/${id}`),
      await ben.get(`/v1/conversations/${id}/messages`),
      await ben.patch(`/v1/conversations/${id}`, { title: "x" }),
      await ben.delete(`/v1/conversations/${id}/members/${ben.id}`),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { code: "not_found", reason: "conversation" } });
    }
    expect((await ben.get("/v1/conversations")).body.items).toEqual([]);
    expect((await ann.delete(`/v1/conversations/${id}/members/${ben.id}`)).body.reason).toBe("member");

    // Whoever comes back begins anew: an earlier role is gone, and watermarks stand at the head.
    const back = (await ann.put(`/v1/conversations/${id}/members/${ben.id}`)).body;
    const member = back.members.find((one: { userId: string }) => one.userId === ben.id);
    expect(member).toMatchObject({ role: "member", joinedSeq: 3, readSeq: 3 });
  });

  it("are removed by those above them only", async () => {
    const [ann, mod, mod2, ben] = (await people(4)) as [Person, Person, Person, Person];
    const { id } = await group(ann, [mod, mod2, ben]);
    const member = (person: Person) => `/v1/conversations/${id}/members/${person.id}`;
    for (const one of [mod, mod2]) {
      expect((await ann.patch(member(one), { role: "moderator" })).status).toBe(200);
    }
    expect((await ben.delete(member(mod))).body.code).toBe("forbidden");
    expect((await mod.delete(member(mod2))).body.code).toBe("forbidden");
    expect((await mod.delete(member(ann))).body.code).toBe("forbidden");
    expect((await mod.patch(member(ben), { role: "moderator" })).body.code).toBe("forbidden");
    expect((await mod.patch(`/v1/conversations/${id}`, { title: "By a moderator" })).status).toBe(200);
    expect((await mod.delete(member(ben))).status).toBe(204);
    expect((await ann.delete(member(mod2))).status).toBe(204);
    expect((await mod.delete(member(mod))).status).toBe(204);
  });

  it("always have an admin, who hands over before leaving", async () => {
    const [ann, ben] = (await people(2)) as [Person, Person];
    const { id } = await group(ann, [ben]);
    const member = (person: Person) => `/v1/conversations/${id}/members/${person.id}`;
    expect(await ann.delete(member(ann))).toMatchObject({ status: 409, body: { reason: "last_admin" } });
    expect(await ann.patch(member(ann), { role: "member" })).toMatchObject({
      body: { reason: "last_admin" },
    });
    expect((await ann.patch(member(ben), { role: "admin" })).status).toBe(200);
    expect((await ann.delete(member(ben))).body.code).toBe("forbidden");
    expect((await ann.delete(member(ann))).status).toBe(204);
    // The last of all may go.
    expect((await ben.delete(member(ben))).status).toBe(204);
    const rows = await place.stores.query(
      "SELECT * FROM conversation_members WHERE conversation_id = ? AND left_at IS NULL",
      [id],
    );
    expect(rows).toEqual([]);
  });

  it("keep an admin also when both admins leave at the same time", async () => {
    const [ann, ben, cat] = (await people(3)) as [Person, Person, Person];
    const { id } = await group(ann, [ben, cat]);
    const member = (person: Person) => `/v1/conversations/${id}/members/${person.id}`;
    await ann.patch(member(ben), { role: "admin" });
    const left = await Promise.all([ann.delete(member(ann)), ben.delete(member(ben))]);
    expect(left.map((answer) => answer.status).sort()).toEqual([204, 409]);
  });

  it("raise the revision by one each, however many changes come at once", async () => {
    const ann = await service.person();
    const { id } = await group(ann, []);
    const newcomers = await insertUsers(place.stores, 12);
    const answers = await Promise.all(
      newcomers.map((userId) => ann.put(`/v1/conversations/${id}/members/${userId}`)),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array(12).fill(200));
    // Each is a change of members and a system message.
    const now = (await ann.get(`/v1/conversations/${id}`)).body;
    expect(now).toMatchObject({ memberCount: 13, revision: 2 + 24, lastSeq: 1 + 12 });
  });
});

describe("the list of conversations", () => {
  it("shows the newest activity first, page by page, with the last message and what is unread", async () => {
    const [ann, ben] = (await people(2)) as [Person, Person];
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const id = await insertConversation(place.stores, {
        kind: "group",
        memberIds: [ann.id, ben.id],
        title: `g${n}`,
      });
      await insertMessages(place.stores, { conversationId: id, senderId: ben.id, count: n + 1 });
      await place.stores.query("UPDATE conversations SET last_message_at = ? WHERE id = ?", [
        // All but the first at the same moment: the id decides.
        new Date(Date.UTC(2026, 0, 1, 0, Math.min(n, 1))),
        id,
      ]);
      ids.push(id);
    }
    const order = ids.toReversed();
    const { items, nextCursor } = (await ann.get("/v1/conversations")).body;
    expect(nextCursor).toBeNull();
    expect(items.map((item: { id: string }) => item.id)).toEqual(order);
    expect(items[0]).toMatchObject({
      unreadCount: 5,
      mentionCount: 0,
      lastMessage: { seq: 5, body: "message 5", senderId: ben.id },
      memberCount: 2,
    });
    const paged: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: Answer["body"] = (
        await ann.get(`/v1/conversations?limit=2${cursor && `&cursor=${cursor}`}`)
      ).body;
      expect(page.items.length).toBeLessThanOrEqual(2);
      paged.push(...page.items.map((item: { id: string }) => item.id));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(order);
    for (const cursor of ["x", "1-0", "-", "99999999999999999-1"]) {
      expect((await ann.get(`/v1/conversations?cursor=${cursor}`)).status).toBe(400);
    }
  });

  it("cuts the members of large groups, but never the viewer", async () => {
    const viewer = await service.person();
    const others = await insertUsers(place.stores, 40);
    // Ids rise, so the viewer would come after the cut.
    await place.stores.query("UPDATE users SET id = CONCAT('0', id) WHERE id IN (?)", [others]);
    const memberIds = [...others.map((id) => `0${id}`), viewer.id];
    const id = await insertConversation(place.stores, { kind: "group", memberIds });
    const [item] = (await viewer.get("/v1/conversations")).body.items;
    expect(item).toMatchObject({ id, memberCount: 41 });
    expect(item.members).toHaveLength(21);
    expect(item.members.some((member: { userId: string }) => member.userId === viewer.id)).toBe(true);
    expect((await viewer.get(`/v1/conversations/${id}`)).body.members).toHaveLength(41);
  });

  it("does not show as last what the viewer deleted for themself", async () => {
    const [ann, ben] = (await people(2)) as [Person, Person];
    const id = await insertConversation(place.stores, { kind: "direct", memberIds: [ann.id, ben.id] });
    const [messageId] = await insertMessages(place.stores, {
      conversationId: id,
      senderId: ben.id,
      count: 1,
    });
    expect((await ann.delete(`/v1/messages/${messageId}?scope=me`)).status).toBe(204);
    expect((await ann.get(`/v1/conversations/${id}`)).body.lastMessage).toBeNull();
    expect((await ben.get(`/v1/conversations/${id}`)).body.lastMessage).toMatchObject({ id: messageId });
  });
});
