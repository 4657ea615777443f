/** Bans, reports with their evidence and queue, and the trail that moderators leave. */
import type { AuditEntry, Message, Report } from "@confab/contract";
import { createManualClock, insertServiceToken, until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, createPlace, type MessageService, type Person, type Place } from "./harness.ts";
import { type Talk, talkTo } from "./talk.ts";

const clock = createManualClock(Date.now());
let place: Place;
let service: MessageService;
let talk: Talk;
let ann: Person;
let mod: Person;
let ben: Person;
let cat: Person;
let id: string;

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
  id = await group();
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

/** Ann is its admin, mod its moderator, Ben a member; Cat is a stranger. */
async function group(): Promise<string> {
  const body = { kind: "group", title: "A group", memberIds: [mod.id, ben.id] };
  const made = (await ann.post("/v1/conversations", body)).body.id;
  await ann.patch(`/v1/conversations/${made}/members/${mod.id}`, { role: "moderator" });
  return made;
}
const said = async (from: Person, conversationId = id, body = `words of ${from.id}`): Promise<Message> =>
  (await talk.send({ from: from.id, conversationId, body })).message;
const audit = async (conversationId = id): Promise<AuditEntry[]> =>
  (await ann.get(`/v1/conversations/${conversationId}/audit`)).body.items;
const tomorrow = () => new Date(clock.now() + 86_400_000).toISOString();

describe("a ban", () => {
  it("takes somebody out and keeps them out until it has run out", async () => {
    const group1 = await group();
    const path = `/v1/conversations/${group1}`;
    const bens = await place.gateway.connect(ben.id, [group1]);
    const expiresAt = tomorrow();
    const ban = await mod.put(`${path}/bans/${ben.id}`, { reason: "spam", expiresAt });
    expect(ban).toMatchObject({
      status: 200,
      body: { userId: ben.id, bannedBy: mod.id, reason: "spam", expiresAt },
    });
    expect(await bens.next("conversation:removed")).toEqual({ conversationId: group1 });
    await until(() => !place.gateway.hears(ben.id, group1));
    expect((await ben.get(path)).body.code).toBe("not_found");
    expect((await ann.get(`${path}/messages`)).body.items.at(-1).metadata).toEqual({
      event: "member_banned",
      userId: ben.id,
    });
    expect((await ann.get(`${path}/bans`)).body.items).toEqual([ban.body]);
    expect(await ann.put(`${path}/members/${ben.id}`)).toMatchObject({
      status: 403,
      body: { reason: "banned" },
    });
    clock.advance(86_400_001);
    expect((await ann.get(`${path}/bans`)).body.items).toEqual([]);
    expect((await ann.put(`${path}/members/${ben.id}`)).status).toBe(200);
  });

  it("without an end lasts until it is lifted, and keeps out who was never in", async () => {
    const group1 = await group();
    const path = `/v1/conversations/${group1}`;
    expect((await mod.put(`${path}/bans/${cat.id}`, {})).body.expiresAt).toBeNull();
    const { revision } = (await ann.get(path)).body;
    clock.advance(400 * 86_400_000);
    expect((await mod.put(`${path}/members/${cat.id}`)).body.reason).toBe("banned");
    expect((await mod.delete(`${path}/bans/${cat.id}`)).status).toBe(204);
    expect((await mod.delete(`${path}/bans/${cat.id}`)).status).toBe(204);
    expect((await ann.get(path)).body.revision).toBe(revision);
    expect((await mod.put(`${path}/members/${cat.id}`)).status).toBe(200);
    expect((await audit(group1)).map(({ action, subjectId }) => [action, subjectId])).toEqual([
      ["ban_lifted", cat.id],
      ["member_banned", cat.id],
      ["role_changed", mod.id],
    ]);
  });

  it("is for those above them to give, never to oneself, and not for times that are past", async () => {
    const path = `/v1/conversations/${id}/bans`;
    expect((await ben.put(`${path}/${cat.id}`, {})).body).toMatchObject({
      code: "forbidden",
      reason: "role",
    });
    // Whether somebody exists is not told to those who may not ban.
    expect((await ben.put(`${path}/nobody`, {})).body).toMatchObject({ code: "forbidden", reason: "role" });
    expect((await cat.put(`${path}/${ben.id}`, {})).body.code).toBe("not_found");
    expect((await mod.put(`${path}/${ann.id}`, {})).body.reason).toBe("role");
    expect((await ann.put(`${path}/${ann.id}`, {})).body.reason).toBe("yourself");
    expect((await ann.put(`${path}/nobody`, {})).body.reason).toBe("user");
    const past = { expiresAt: new Date(clock.now()).toISOString() };
    expect((await ann.put(`${path}/${ben.id}`, past)).body.reason).toBe("invalid:expiresAt");
    expect((await ben.get(path)).body.code).toBe("forbidden");
    expect((await ann.get(`/v1/conversations/${id}`)).body.memberCount).toBe(3);
  });
});

describe("a report", () => {
  const report = (person: Person, messageId: string, content: object = { category: "spam" }) =>
    person.post(`/v1/messages/${messageId}/reports`, content);
  const queue = async (person: Person, query = ""): Promise<Report[]> =>
    (await person.get(`/v1/conversations/${id}/reports${query}`)).body.items;

  it("freezes the message and five on either side, whatever becomes of them", async () => {
    const before = [];
    for (let n = 0; n < 6; n++) before.push(await said(ann, id, `before ${n}`));
    const message = await said(ben, id, "something bad");
    const after = [];
    for (let n = 0; n < 6; n++) after.push(await said(ann, id, `after ${n}`));
    const mods = await place.gateway.connect(mod.id);
    const reported = await report(ann, message.id, { category: "harassment", comment: "see for yourself" });
    expect(reported.status).toBe(201);
    const { reportId } = reported.body;
    expect(await mods.next("report:created")).toEqual({ conversationId: id, reportId });

    const edit = { messageId: message.id, body: "something nice" };
    await talk.command(ben.id, { name: "message:edit", payload: edit });
    await ben.delete(`/v1/messages/${message.id}`);
    await ann.delete(`/v1/messages/${after[0]?.id}`);
    const { evidence, ...details } = (await mod.get(`/v1/reports/${reportId}`)).body;
    expect(evidence.map((one: Message) => one.body)).toEqual([
      ...before.slice(1).map(({ body }) => body),
      "something bad",
      ...after.slice(0, 5).map(({ body }) => body),
    ]);
    expect(details).toMatchObject({
      id: reportId,
      conversationId: id,
      messageId: message.id,
      seq: message.seq,
      reporterId: ann.id,
      subjectId: ben.id,
      category: "harassment",
      comment: "see for yourself",
      state: "open",
      handledBy: null,
    });
  });

  it("shows no more than the reporter could see", async () => {
    const bare = await said(ann, id, "hidden from Ben by Ben");
    const message = await said(ann, id, "reported");
    await ben.delete(`/v1/messages/${bare.id}?scope=me`);
    const { reportId } = (await report(ben, message.id)).body;
    const { evidence } = (await mod.get(`/v1/reports/${reportId}`)).body;
    expect(evidence.map((one: Message) => one.body)).not.toContain(bare.body);
    expect(evidence.at(-1).id).toBe(message.id);
  });

  it("is one, however often it is made, and one for each who makes it", async () => {
    const { id: messageId } = await said(ben);
    const ids = (await Promise.all([1, 2, 3].map(() => report(ann, messageId)))).map(
      ({ body }) => body.reportId,
    );
    expect(new Set(ids).size).toBe(1);
    expect((await report(mod, messageId)).body.reportId).not.toBe(ids[0]);
  });

  it("is of what somebody else said, and can be seen", async () => {
    const mine = await said(ben);
    const gone = await said(ann);
    await ann.delete(`/v1/messages/${gone.id}`);
    const [system] = (await ann.get(`/v1/conversations/${id}/messages?after=0&limit=1`)).body.items;
    expect((await report(ben, mine.id)).body.reason).toBe("yourself");
    expect((await report(ben, gone.id)).body.reason).toBe("message_deleted");
    expect((await report(ben, system.id)).body.reason).toBe("system_message");
    expect((await report(cat, mine.id)).body).toMatchObject({ code: "not_found" });
    expect((await report(ann, mine.id, { category: "boring" })).body.code).toBe("invalid");
    expect((await report(ann, mine.id, { category: "spam", comment: "\ud800" })).body.code).toBe("invalid");
    expect((await report(ann, "123456789")).body.reason).toBe("message");
  });

  it("waits in the queue of those who moderate, but not of whom it is about", async () => {
    const group1 = id;
    const { id: messageId } = await said(mod);
    const [anns, mods] = [await place.gateway.connect(ann.id), await place.gateway.connect(mod.id)];
    const { reportId } = (await report(ben, messageId)).body;
    await anns.next("report:created");
    // Whatever was to come has come before what comes after it.
    await report(ann, (await said(ben)).id);
    await mods.next("report:created");
    expect((await queue(ann)).map((one) => one.id)).toContain(reportId);
    expect((await queue(mod)).map((one) => one.id)).not.toContain(reportId);
    for (const answer of [
      await mod.get(`/v1/reports/${reportId}`),
      await mod.patch(`/v1/reports/${reportId}`, { state: "dismissed" }),
      await cat.get(`/v1/reports/${reportId}`),
      await cat.patch(`/v1/reports/${reportId}`, { state: "dismissed" }),
      await ann.get("/v1/reports/999999"),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { code: "not_found", reason: "report" } });
    }
    expect((await ben.get(`/v1/reports/${reportId}`)).body.reason).toBe("role");
    expect((await ben.get(`/v1/conversations/${group1}/reports`)).body.reason).toBe("role");
    expect((await cat.get(`/v1/conversations/${group1}/reports`)).body.reason).toBe("conversation");
    expect(mods.all("report:created").map((told) => told.reportId)).not.toContain(reportId);
  });

  it("is decided once, which leaves a trace", async () => {
    const { id: messageId } = await said(ben);
    const { reportId } = (await report(ann, messageId)).body;
    const decide = (state: string) => mod.patch(`/v1/reports/${reportId}`, { state, note: "warned" });
    const decided = await decide("resolved");
    expect(decided).toMatchObject({
      status: 200,
      body: { state: "resolved", handledBy: mod.id, note: "warned" },
    });
    expect((await decide("resolved")).body).toEqual(decided.body);
    expect(await decide("dismissed")).toMatchObject({ status: 409, body: { reason: "report_handled" } });
    expect((await decide("open")).body.code).toBe("invalid");
    expect((await queue(mod)).map((one) => one.id)).not.toContain(reportId);
    expect((await queue(mod, "?state=resolved")).map((one) => one.id)).toContain(reportId);
    expect((await audit())[0]).toMatchObject({
      action: "report_handled",
      actorId: mod.id,
      subjectId: ben.id,
      details: { reportId, messageId, state: "resolved" },
    });
  });

  it("is read page by page, oldest first", async () => {
    const all = await queue(ann, "?limit=100");
    expect(all.length).toBeGreaterThan(3);
    const paged: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: Answer["body"] = (
        await ann.get(`/v1/conversations/${id}/reports?limit=2${cursor && `&cursor=${cursor}`}`)
      ).body;
      paged.push(...page.items.map((one: Report) => one.id));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(all.map((one) => one.id));
    expect(paged).toEqual(paged.toSorted((one, other) => Number(one) - Number(other)));
    expect((await ann.get(`/v1/conversations/${id}/reports?cursor=x`)).body.reason).toBe("invalid:cursor");
  });

  it("from a direct conversation is for the team's own moderators, by a token with that scope", async () => {
    const direct = (await ben.post("/v1/conversations", { kind: "direct", userId: cat.id })).body.id;
    const message = await said(cat, direct, "between us");
    const { reportId } = (await report(ben, message.id)).body;
    expect((await ben.get(`/v1/reports/${reportId}`)).body.reason).toBe("role");
    expect((await ann.get(`/v1/reports/${reportId}`)).body.reason).toBe("report");
    const token = await insertServiceToken(place.stores, { name: "trust", scopes: { moderation: true } });
    const other = await insertServiceToken(place.stores, { name: "billing" });
    const path = "/v1/moderation/reports";
    const listed = (await service.call("GET", `${path}?limit=100`, { token })).body.items;
    expect(listed.map((one: Report) => one.id)).toContain(reportId);
    const { evidence } = (await service.call("GET", `${path}/${reportId}`, { token })).body;
    expect(evidence.map((one: Message) => one.body)).toEqual(["between us"]);
    const body = { state: "resolved" };
    const decided = await service.call("PATCH", `${path}/${reportId}`, { token, body });
    expect(decided).toMatchObject({ status: 200, body: { state: "resolved" } });
    for (const [method, at] of [
      ["GET", path],
      ["GET", `${path}/${reportId}`],
      ["PATCH", `${path}/${reportId}`],
    ] as const) {
      const answer = await service.call(method, at, { token: other, ...(method === "PATCH" && { body }) });
      expect(answer).toMatchObject({ status: 403, body: { reason: "scope" } });
    }
  });
});

describe("the audit", () => {
  it("has what was done to others, and is for those who moderate", async () => {
    const group1 = await group();
    const path = `/v1/conversations/${group1}`;
    const { id: messageId, seq } = await said(ben, group1);
    await ben.delete(`/v1/messages/${(await said(ben, group1)).id}`);
    await mod.delete(`/v1/messages/${messageId}`);
    await mod.delete(`${path}/members/${ben.id}`);
    await mod.delete(`${path}/members/${mod.id}`);
    const entries = (await audit(group1)).map(({ action, actorId, subjectId, details }) => ({
      action,
      actorId,
      subjectId,
      details,
    }));
    expect(entries).toEqual([
      { action: "member_removed", actorId: mod.id, subjectId: ben.id, details: {} },
      { action: "message_deleted", actorId: mod.id, subjectId: ben.id, details: { messageId, seq } },
      {
        action: "role_changed",
        actorId: ann.id,
        subjectId: mod.id,
        details: { from: "member", to: "moderator" },
      },
    ]);
    const first = (await ann.get(`${path}/audit?limit=2`)).body;
    const rest = (await ann.get(`${path}/audit?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...rest.items].map((entry) => entry.id)).toEqual(
      (await audit(group1)).map((entry) => entry.id),
    );
    expect((await mod.get(`${path}/audit`)).body.code).toBe("not_found");
    expect((await ben.get(`/v1/conversations/${id}/audit`)).body.code).toBe("forbidden");
    expect((await cat.get(`/v1/conversations/${id}/audit`)).body.code).toBe("not_found");
  });

  it("has nothing of what did not come about", async () => {
    const before = (await audit()).length;
    await mod.delete(`/v1/conversations/${id}/members/${ann.id}`);
    await mod.put(`/v1/conversations/${id}/bans/${ann.id}`, {});
    await ben.patch(`/v1/conversations/${id}`, { slowModeSeconds: 5 });
    expect(await audit()).toHaveLength(before);
  });
});
