import { ChatError, type Draft, type PersonalState } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { fakeClient } from "./testing/fake-client.ts";
import { settled } from "./testing/fake-clock.ts";
import type { FakeServer } from "./testing/fake-server.ts";

/** What is Ann's own, as the server holds it. */
function ownThings(server: FakeServer) {
  const states = new Map<string, PersonalState>();
  const drafts = new Map<string, Draft>();
  let isLive = true;
  const say = (name: string, payload: object) => {
    if (isLive) for (const socket of server.open()) socket.send(name, payload);
  };
  function setState(conversationId: string, change: Partial<PersonalState>): PersonalState {
    server.personalRevision += 1;
    const blank = { conversationId, mutedUntil: null, pinnedAt: null, archivedAt: null, unreadFromSeq: null };
    const held = states.get(conversationId) ?? { ...blank, revision: 0 };
    const state = { ...held, ...change, revision: server.personalRevision };
    states.set(conversationId, state);
    say("personal:updated", { state });
    return state;
  }
  function setDraft(conversationId: string, body: string): Draft {
    server.personalRevision += 1;
    const { personalRevision: revision } = server;
    const draft = { conversationId, threadRootId: null, revision, body, replyToId: null, updatedAt: "" };
    drafts.set(conversationId, draft);
    say("draft:updated", { draft });
    return draft;
  }
  server.reply = (name, payload) => {
    const conversationId = payload.conversationId as string;
    if (name === "personal:sync") {
      const isNew = ({ revision }: { revision: number }) => revision > (payload.after as number);
      return {
        revision: server.personalRevision,
        states: [...states.values()].filter(isNew),
        drafts: [...drafts.values()].filter(isNew),
        hidden: [],
        hasMore: false,
      };
    }
    if (name === "receipt:unread")
      return { state: setState(conversationId, { unreadFromSeq: payload.seq as number }) };
    if (name === "draft:set") {
      const held = drafts.get(conversationId);
      const isStale = held && held.body !== "" && held.revision > (payload.baseRevision as number);
      if (isStale && held.body !== payload.body)
        return new ChatError("conflict", { reason: "draft_changed" });
      return { draft: setDraft(conversationId, payload.body as string) };
    }
    return {};
  };
  return {
    setState,
    setDraft,
    drafts,
    deafen: (deaf: boolean) => {
      isLive = !deaf;
    },
  };
}

async function ready() {
  const fake = fakeClient();
  const own = ownThings(fake.server);
  fake.server.addLog("1", ["ann", "bob"]);
  fake.server.addLog("2", ["ann", "bob"]);
  for (const body of ["a", "b", "c"]) fake.server.post("1", { senderId: "bob", body });
  await fake.online();
  const item = (id: string) => fake.chat.conversations.getSnapshot().items.find((one) => one.id === id);
  const order = () => fake.chat.conversations.getSnapshot().items.map(({ id }) => id);
  return { ...fake, own, item, order, room: fake.chat.conversation("1") };
}

describe("what is one's own", () => {
  it("is taken as it comes, in order, and asked for from where something is missing", async () => {
    const fake = await ready();
    fake.own.setState("2", { pinnedAt: "2026-01-01T00:00:00.000Z" });
    await settled();
    expect(fake.order()).toEqual(["2", "1"]);
    expect(fake.server.sent("personal:sync")).toEqual([]);
    fake.own.deafen(true);
    fake.own.setState("2", { pinnedAt: null });
    fake.own.deafen(false);
    fake.own.setState("1", { archivedAt: "2026-01-01T00:00:00.000Z" });
    await fake.clock.advance(100);
    expect(fake.server.sent("personal:sync")).toEqual([{ after: 1 }]);
    expect(fake.order()).toEqual(["1", "2"]);
    expect(fake.item("1")?.personal?.archivedAt).not.toBe(null);
  });

  it("is found by a device that was away, by what ready says, and asked again when asking failed", async () => {
    const fake = await ready();
    fake.server.open()[0]?.drop();
    fake.own.setState("1", { mutedUntil: "2027-01-01T00:00:00.000Z" });
    let refusals = 0;
    fake.server.fate = (name) =>
      name === "personal:sync" && refusals++ === 0 ? new ChatError("unavailable") : "ok";
    await fake.clock.advance(10_000);
    expect(refusals).toBe(2);
    expect(fake.item("1")?.personal?.mutedUntil).toBe("2027-01-01T00:00:00.000Z");
  });

  it("keeps the later of two states, whichever comes last", async () => {
    const fake = await ready();
    const first = fake.own.setState("1", { pinnedAt: "2026-01-01T00:00:00.000Z" });
    fake.own.setState("1", { pinnedAt: null });
    for (const socket of fake.server.open()) socket.send("personal:updated", { state: first });
    await fake.clock.advance(100);
    expect(fake.item("1")?.personal?.pinnedAt).toBe(null);
  });
});

describe("marking unread", () => {
  it("counts from there, stays while one looks, and ends with coming back", async () => {
    const fake = await ready();
    const close = fake.room.open({ autoRead: true });
    await fake.clock.advance(1_000);
    expect(fake.item("1")?.unreadCount).toBe(0);
    await fake.room.markUnread(2);
    await fake.clock.advance(1_000);
    expect(fake.item("1")?.unreadCount).toBe(2);
    fake.server.post("1", { senderId: "bob", body: "d" });
    await fake.clock.advance(1_000);
    expect(fake.item("1")?.unreadCount).toBe(3);
    const before = fake.server.sent("receipt:read").length;
    close();
    fake.room.open({ autoRead: true });
    await fake.clock.advance(1_000);
    expect(fake.server.sent("receipt:read").slice(before)).toEqual([{ conversationId: "1", seq: 4 }]);
    fake.own.setState("1", { unreadFromSeq: null });
    await settled();
    expect(fake.item("1")?.unreadCount).toBe(0);
  });

  it("is asked for where the messages are not loaded", async () => {
    const fake = await ready();
    const asked = () => fake.server.requests.filter((path) => path === "GET /v1/conversations/1").length;
    await fake.clock.advance(1_000);
    const before = asked();
    fake.own.setState("1", { unreadFromSeq: 2 });
    await fake.clock.advance(1_000);
    expect(asked()).toBeGreaterThan(before);
  });

  it("is ended by reading what was read before, and not by reading less", async () => {
    const fake = await ready();
    fake.room.open();
    await fake.clock.advance(1_000);
    fake.room.markRead(3);
    await fake.clock.advance(1_000);
    fake.own.setState("1", { unreadFromSeq: 2 });
    await settled();
    const before = fake.server.sent("receipt:read").length;
    fake.room.markRead(1);
    await fake.clock.advance(1_000);
    expect(fake.server.sent("receipt:read").slice(before)).toEqual([]);
    fake.room.markRead(3);
    await fake.clock.advance(1_000);
    expect(fake.server.sent("receipt:read").slice(before)).toEqual([{ conversationId: "1", seq: 3 }]);
  });
});

describe("a draft", () => {
  it("is saved a second after the last word, once, and cleared by sending", async () => {
    const fake = await ready();
    const draft = fake.room.draft();
    for (const body of ["h", "he", "hel"]) draft.set({ body });
    await fake.clock.advance(3_000);
    expect(fake.server.sent("draft:set")).toMatchObject([{ body: "hel", baseRevision: 0 }]);
    draft.set({ body: "hello" });
    void fake.room.send({ body: "hello" });
    await fake.clock.advance(3_000);
    expect(draft.text.getSnapshot().body).toBe("");
    expect(fake.own.drafts.get("1")?.body).toBe("");
  });

  it("is taken from another device, unless one is typing here; then both texts stay", async () => {
    const fake = await ready();
    const draft = fake.room.draft();
    fake.own.setDraft("1", "theirs");
    await settled();
    expect(draft.text.getSnapshot().body).toBe("theirs");
    draft.set({ body: "theirs and mine" });
    fake.own.setDraft("1", "theirs, too");
    await fake.clock.advance(5_000);
    expect(draft.text.getSnapshot().body).toBe("theirs, too\ntheirs and mine");
    expect(fake.own.drafts.get("1")?.body).toBe("theirs, too\ntheirs and mine");
  });

  it("is taken from another device also when that comes while this one is saving", async () => {
    const fake = await ready();
    const [draft, other] = [fake.room.draft(), fake.chat.conversation("2").draft()];
    draft.set({ body: "mine" });
    const { reply } = fake.server;
    fake.server.reply = (name, payload) => {
      const answer = reply(name, payload);
      if (name === "draft:set" && payload.body === "mine") {
        fake.own.setDraft("1", "mine, and theirs");
        fake.own.setDraft("2", "elsewhere");
      }
      return answer;
    };
    await fake.clock.advance(5_000);
    expect(draft.text.getSnapshot().body).toBe("mine, and theirs");
    expect(other.text.getSnapshot().body).toBe("elsewhere");
  });

  it("is not lost where another device has written and what it wrote cannot be asked for at once", async () => {
    const fake = await ready();
    const draft = fake.room.draft();
    fake.own.deafen(true);
    fake.own.setDraft("1", "theirs");
    fake.own.deafen(false);
    let refused = 0;
    fake.server.fate = (name) =>
      name === "personal:sync" && refused++ === 0 ? new ChatError("unavailable") : "ok";
    draft.set({ body: "mine" });
    await fake.clock.advance(10_000);
    expect(draft.text.getSnapshot().body).toBe("theirs\nmine");
    expect(fake.own.drafts.get("1")?.body).toBe("theirs\nmine");
  });

  it("stays cleared when it was saved before, and nobody said so", async () => {
    const fake = await ready();
    const draft = fake.room.draft();
    fake.server.fate = (name) => (name === "draft:set" ? "deaf" : "ok");
    draft.set({ body: "hello" });
    await fake.clock.advance(1_500);
    fake.server.fate = () => "ok";
    draft.clear();
    await fake.clock.advance(30_000);
    expect(draft.text.getSnapshot().body).toBe("");
    expect(fake.own.drafts.get("1")?.body).toBe("");
  });

  it("waits for the connection, and is this device's alone where the server keeps none", async () => {
    const fake = await ready();
    fake.server.open()[0]?.drop();
    fake.room.draft().set({ body: "offline" });
    await fake.clock.advance(10_000);
    expect(fake.own.drafts.get("1")?.body).toBe("offline");
    fake.server.fate = (name) =>
      name === "draft:set" ? new ChatError("forbidden", { reason: "sealed_only" }) : "ok";
    const other = fake.chat.conversation("2").draft();
    other.set({ body: "secret" });
    await fake.clock.advance(60_000);
    expect(other.text.getSnapshot().body).toBe("secret");
    expect(fake.server.sent("draft:set").filter(({ conversationId }) => conversationId === "2")).toHaveLength(
      1,
    );
  });
});
