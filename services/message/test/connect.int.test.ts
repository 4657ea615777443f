/** What a gateway learns of those who connect. */
import { ChatError, LIMITS } from "@confab/contract";
import type { SessionRequest } from "@confab/contract/internal";
import { insertConversation, insertUsers } from "@confab/testkit";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSessions as openSessionsOf } from "../src/session.ts";
import { listRevisions } from "../src/standing.ts";
import { createPlace, type MessageService, type Place } from "./harness.ts";
import { createMeter, type Meter, WRITES } from "./meter.ts";
import { openSessions, reasonOf, talkTo } from "./talk.ts";

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

const open = (...items: SessionRequest[]) => openSessions(talkTo(service), ...items);
const sessionOf = ({ accessToken }: { accessToken: string }) => decodeJwt(accessToken).sid as string;

describe("opening sessions", () => {
  it("answers each in their place: a session that ended, or somebody else's, is refused and no other is", async () => {
    const [ann, ben] = [await service.person(), await service.person()];
    const ended = (
      await service.call("POST", "/v1/auth/login", {
        body: { username: ann.user.username, password: "correct horse" },
      })
    ).body;
    await service.call("POST", "/v1/auth/logout", { body: { refreshToken: ended.refreshToken } });
    const results = await open(
      { userId: ann.id, sessionId: sessionOf(ended) },
      { userId: ann.id, sessionId: sessionOf(ann) },
      { userId: ben.id, sessionId: sessionOf(ann) },
      { userId: ben.id, sessionId: sessionOf(ben) },
      { userId: ben.id },
    );
    expect(results.map((result) => reasonOf(result) ?? "ok")).toEqual([
      "unauthenticated:session_ended",
      "ok",
      "unauthenticated:session_ended",
      "ok",
      "ok",
    ]);
    expect(results[3]).toMatchObject({ value: { displayName: ben.user.displayName, personalRevision: 0 } });
  });

  it("makes known whom an issuer vouches for, once, with the profile of the first", async () => {
    const results = await open(
      { userId: "ext:1", name: " Eve ", picture: "https://pictures.test/eve" },
      { userId: "ext:2", picture: "javascript:alert(1)" },
      { userId: "ext:1", name: "Mallory" },
    );
    const names = results.map((result) => (result.ok ? result.value.displayName : undefined));
    expect(names).toEqual(["Eve", "ext:2", "Eve"]);
    expect(await open({ userId: "ext:1", name: "Another" })).toMatchObject([
      { value: { displayName: "Eve" } },
    ]);
    expect(
      await place.stores.query("SELECT id, avatar_url FROM users WHERE id LIKE 'ext:%' ORDER BY id"),
    ).toEqual([
      { id: "ext:1", avatar_url: "https://pictures.test/eve" },
      { id: "ext:2", avatar_url: null },
    ]);
  });

  it("names every group, the latest heads, and nothing that was left or is another's", async () => {
    const [eve, kim, other] = (await insertUsers(place.stores, 3)) as [string, string, string];
    const make = (kind: "group" | "direct", ...memberIds: string[]) =>
      insertConversation(place.stores, { kind, memberIds });
    const [old, left, theirs] = [
      await make("group", eve, other),
      await make("group", eve, other),
      await make("group", kim),
    ];
    const direct = await make("direct", eve, kim);
    const many = LIMITS.headsPerReady;
    const groups = await Promise.all(Array.from({ length: many }, () => make("group", eve)));
    await place.stores.query("UPDATE conversations SET created_at = '2001-01-01' WHERE id IN (?, ?)", [
      old,
      direct,
    ]);
    await place.stores.query(
      "UPDATE conversation_members SET left_at = NOW(3) WHERE conversation_id = ? AND user_id = ?",
      [left, eve],
    );
    const [first, second] = await open({ userId: eve }, { userId: kim });
    if (!first?.ok || !second?.ok) throw new Error("refused");
    expect(new Set(first.value.groupIds)).toEqual(new Set([...groups, old]));
    expect(new Set(first.value.heads.map(({ conversationId }) => conversationId))).toEqual(new Set(groups));
    expect(first.value.hasMore).toBe(true);
    expect(second.value.groupIds).toEqual([theirs]);
    expect(second.value.heads.map(({ conversationId }) => conversationId)).toEqual([theirs, direct]);
    expect(second.value.hasMore).toBe(false);
  });
});

describe("what it costs", () => {
  let meter: Meter;
  beforeAll(async () => {
    meter = await createMeter(place);
  });
  afterAll(() => meter?.[Symbol.asyncDispose]());

  it("is two statements, for one person or for sixty-four, with their sessions or without", async () => {
    const people = await insertUsers(place.stores, 64);
    for (const userId of people)
      await insertConversation(place.stores, { kind: "group", memberIds: [userId] });
    const openAll = async (userIds: string[], sessionId?: string) => {
      const requests = userIds.map((userId) => ({ userId, sessionId }));
      const refused = (await openSessionsOf(meter.ctx, requests)).filter(
        (result) => result instanceof ChatError,
      );
      expect(refused).toHaveLength(sessionId ? userIds.length : 0);
    };
    const works = [() => openAll(people.slice(0, 1)), () => openAll(people), () => openAll(people, "ended")];
    for (const work of works) {
      const cost = await meter.costOf(work, [...WRITES, "Questions"]);
      expect(cost).toMatchObject({ Questions: 2, Com_select: 2, Com_insert: 0, Com_commit: 0 });
    }
  });

  it("is one statement more when a gateway asks how far all of its people have come", async () => {
    const people = await insertUsers(place.stores, 64);
    expect(await meter.costOf(() => listRevisions(meter.ctx, people), ["Questions"])).toEqual({
      Questions: 1,
    });
  });
});
