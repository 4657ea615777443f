import type { HiddenMessage, Message } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { settled } from "./testing/fake-clock.ts";
import { drop, opened, pass } from "./testing/opened.ts";

/** Ann with conversation 1 open in which Bob has said these; what she deletes for herself, here or elsewhere. */
async function said(...bodies: string[]) {
  const fake = await opened();
  const { server } = fake;
  const rows: HiddenMessage[] = [];
  for (const body of bodies) fake.say(body);
  await settled();
  server.reply = (name, payload) => {
    if (name === "message:delete") {
      const seq = server.log("1").messages.findIndex(({ id }) => id === payload.messageId) + 1;
      const hidden = hide(seq);
      return { hidden };
    }
    const after = payload.after as number;
    const hidden = rows.filter(({ revision }) => revision > after);
    return { revision: server.personalRevision, states: [], drafts: [], hidden, hasMore: false };
  };
  function hide(seq: number): HiddenMessage {
    const row = server.hide("1", seq);
    rows.push(row);
    return row;
  }
  const told: number[] = [];
  fake.chat.on("message:hidden", ({ seq }) => told.push(seq));
  const item = () => fake.chat.conversations.getSnapshot().items[0];
  const shown = () => [fake.bodies("1"), item()?.unreadCount, item()?.lastMessage?.body ?? null];
  /** Broadcasts are lost meanwhile. */
  const unheard = <T>(act: () => T): T => {
    drop(server);
    const result = act();
    pass(server);
    return result;
  };
  return { ...fake, hide, told, item, shown, unheard };
}

describe("what was deleted for oneself on another device", () => {
  it("is gone, with its count and from the end of the list, and told once", async () => {
    const fake = await said("shy", "plain", "last");
    const row = fake.hide(1);
    await settled();
    expect(fake.shown()).toEqual([["plain", "last"], 2, "last"]);
    fake.hide(3);
    for (const socket of fake.server.open()) socket.send("message:hidden", row);
    await settled();
    expect(fake.shown()).toEqual([["plain"], 1, null]);
    expect(fake.told).toEqual([1, 3]);
    expect(fake.server.sent("personal:sync")).toEqual([]);
    fake.say("more");
    await settled();
    expect(fake.shown()).toEqual([["plain", "more"], 2, "more"]);
  });

  it("is found by a device that was away, and by one that missed the event", async () => {
    const fake = await said("shy", "plain", "later");
    fake.server.open()[0]?.drop();
    fake.hide(1);
    await fake.clock.advance(10_000);
    expect(fake.shown()).toEqual([["plain", "later"], 2, "later"]);
    fake.unheard(() => fake.hide(2));
    fake.hide(3);
    await fake.clock.advance(500);
    expect(fake.shown()).toEqual([[], 0, null]);
    expect(fake.server.sent("personal:sync")).toEqual([{ after: 0 }, { after: 1 }]);
    expect(fake.told).toEqual([1, 3, 2]);
  });

  it("is not told again by what changes in it, and stays away", async () => {
    const fake = await said("shy", "plain");
    fake.hide(2);
    fake.server.change("1", 2, { body: "boo" });
    await fake.clock.advance(500);
    expect(fake.shown()).toEqual([["shy"], 1, null]);
    expect(fake.updated).toEqual([]);
  });

  it("is never shown when that is heard before the message itself", async () => {
    const fake = await said("plain");
    fake.unheard(() => fake.say("shy"));
    fake.hide(2);
    const [message] = fake.server.log("1").messages.slice(-1);
    fake.server.broadcast("1", "message:created", message);
    fake.say("next");
    await settled();
    expect(fake.shown()).toEqual([["plain", "next"], 2, "next"]);
    expect(fake.created).toEqual([1, 3]);
  });

  it("is not brought back by a page that was on its way", async () => {
    const fake = await said(...Array.from({ length: 60 }, (_, index) => `${index + 1}`));
    fake.close();
    const { room } = fake;
    let release = (): void => {};
    fake.server.historyGate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const jump = room.jumpTo({ seq: 4 });
    await settled();
    fake.hide(5);
    release();
    await fake.clock.advance(100);
    await jump;
    expect(fake.seqs()).toContain(4);
    expect(fake.seqs()).not.toContain(5);
  });

  it("is not counted again by a summary that was on its way", async () => {
    const fake = await said("shy", "plain");
    fake.close();
    let release = (): void => {};
    fake.server.summaryGate = new Promise<void>((resolve) => {
      release = resolve;
    });
    // What makes it ask: a mark as unread that another device set raises no revision of the conversation.
    const state = { conversationId: "1", revision: 1, mutedUntil: null, pinnedAt: null, archivedAt: null };
    fake.server.personalRevision = 1;
    fake.server.open()[0]?.send("personal:updated", { state: { ...state, unreadFromSeq: 1 } });
    await fake.clock.advance(500);
    fake.hide(1);
    await settled();
    release();
    await fake.clock.advance(1_000);
    expect(fake.item()?.unreadCount).toBe(1);
  });

  it("loses its words in quotes, those that come later among them, whose rows stay the same ones", async () => {
    const fake = await said("shy", "plain", "answer");
    const { id, seq, senderId, kind } = fake.server.log("1").messages[0] as Message;
    const replyTo = { id, seq, senderId, kind, body: "shy" };
    fake.server.change("1", 2, { replyTo });
    await settled();
    const rows = () => fake.room.messages.getSnapshot().items;
    expect(rows()[1]?.replyTo?.body).toBe("shy");
    fake.hide(1);
    await settled();
    const [quoting] = rows();
    expect(quoting?.replyTo).toEqual({ ...replyTo, body: null });
    fake.server.change("1", 3, { replyTo });
    await settled();
    expect(rows().map((row) => row.replyTo?.body)).toEqual([null, null]);
    expect(rows()[0]).toBe(quoting);
    fake.server.change("1", 1, { body: "boo" });
    await settled();
    expect(rows().map((row) => row.replyTo?.body)).toEqual([null, null]);
  });
});

describe("deleting for oneself", () => {
  it("takes effect with the answer, though nothing is broadcast", async () => {
    const fake = await said("shy", "plain");
    const [first] = fake.server.log("1").messages;
    await fake.unheard(() => fake.room.delete(first?.id ?? "", "me"));
    await settled();
    expect(fake.shown()).toEqual([["plain"], 1, "plain"]);
    expect(fake.told).toEqual([1]);
    fake.hide(2);
    await fake.clock.advance(500);
    expect(fake.server.sent("personal:sync")).toEqual([]);
  });
});
