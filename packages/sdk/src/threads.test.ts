import { ChatError, type Message, type ThreadState } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { fakeClient } from "./testing/fake-client.ts";
import { settled } from "./testing/fake-clock.ts";
import { conversationOf } from "./testing/fake-log.ts";

/** A thread of Ann's first message in which Bob has answered so often; Ann has it open. */
async function opened(count: number) {
  const fake = fakeClient();
  fake.server.addLog("1", ["ann", "bob"]);
  const root = fake.server.post("1", { senderId: "ann", body: "root" });
  const state: ThreadState = {
    rootId: root.id,
    conversationId: "1",
    following: true,
    readSeq: 0,
    unreadCount: count,
  };
  const replies = (): Message[] =>
    fake.server
      .log("1")
      .messages.filter(
        (message) => message.threadRootId === root.id && !fake.server.log("1").hidden.has(message.seq),
      );
  /** Ann deletes one for herself, on another device. */
  const hide = (message: Message) => {
    state.unreadCount -= 1;
    fake.server.hide("1", message.seq);
  };
  const reply = (body: string) => {
    const { messages } = fake.server.log("1");
    // Posted as any message, then made a reply before anybody hears of it.
    const { onFrame } = fake.server;
    fake.server.onFrame = () => {};
    fake.server.post("1", { senderId: "bob", body });
    fake.server.onFrame = onFrame;
    const made = { ...(messages.pop() as Message), threadRootId: root.id };
    messages.push(made);
    fake.server.broadcast("1", "message:created", made);
    return made;
  };
  fake.server.reply = (name, payload) => {
    if (name === "thread:messages") {
      const before = (payload.before as number | undefined) ?? Number.POSITIVE_INFINITY;
      const older = replies().filter((message) => message.seq < before);
      const items = older.slice(-(payload.limit as number));
      return { root, state: { ...state }, items, hasOlder: older.length > items.length, hasNewer: false };
    }
    if (name === "thread:read") {
      return { state: { ...state, readSeq: payload.seq as number, unreadCount: 0 } };
    }
    return {};
  };
  for (let n = 0; n < count; n++) reply(`${n}`);
  await fake.online();
  const room = fake.chat.conversation("1");
  room.open();
  const thread = room.thread(root.id);
  const close = thread.open();
  await fake.clock.advance(500);
  const view = () => thread.view.getSnapshot();
  return { ...fake, room, root, thread, state, reply, hide, view, close };
}
const bodiesOf = (items: readonly Message[]) => items.map(({ body }) => body);

describe("a thread", () => {
  it("loses what one deleted for oneself, and counts without it, also when a page is on its way", async () => {
    const fake = await opened(60);
    const [first, second] = fake.server.log("1").messages.slice(5, 7) as [Message, Message];
    const last = fake.server.log("1").messages.at(-1) as Message;
    fake.hide(last);
    await fake.clock.advance(100);
    expect(fake.view().items.at(-1)?.body).toBe("58");
    expect(fake.view().state?.unreadCount).toBe(59);
    fake.hide(first);
    const { reply } = fake.server;
    fake.server.reply = (name, payload) => {
      const page = reply(name, payload);
      // Read before the second one was hidden, here after.
      if (payload.before !== undefined) fake.hide(second);
      return page;
    };
    await fake.thread.loadOlder();
    await fake.clock.advance(100);
    expect(bodiesOf(fake.view().items.slice(0, 6))).toEqual(["0", "1", "2", "3", "6", "7"]);
    fake.close();
    fake.server.reply = (name, payload) => {
      const page = reply(name, payload);
      if (payload.limit !== 1) fake.hide(fake.server.log("1").messages[20] as Message);
      return page;
    };
    fake.thread.open();
    await fake.clock.advance(100);
    expect(fake.view().state?.unreadCount).toBe(56);
    fake.hide(fake.root);
    await settled();
    expect(fake.view().root).toBe(null);
  });

  it("shows its replies and what changes in it, in order, each once", async () => {
    const fake = await opened(2);
    expect(bodiesOf(fake.view().items)).toEqual(["0", "1"]);
    const made = fake.reply("2");
    fake.server.broadcast("1", "message:created", made);
    fake.server.post("1", { senderId: "bob", body: "beside it" });
    await fake.clock.advance(500);
    expect(bodiesOf(fake.view().items)).toEqual(["0", "1", "2"]);
    expect(fake.view().state?.unreadCount).toBe(3);
    fake.server.change("1", made.seq, { body: "2!" });
    fake.server.change("1", fake.root.seq, {
      thread: { replyCount: 3, lastReplySeq: made.seq, lastReplyAt: made.createdAt },
    });
    await fake.clock.advance(500);
    expect(bodiesOf(fake.view().items)).toEqual(["0", "1", "2!"]);
    expect(fake.view().root?.thread?.replyCount).toBe(3);
  });

  it("counts nothing of it for the conversation", async () => {
    const fake = await opened(0);
    fake.reply("one");
    fake.server.post("1", { senderId: "bob", body: "two" });
    await fake.clock.advance(500);
    expect(fake.chat.conversations.getSnapshot().items[0]?.unreadCount).toBe(1);
  });

  it("has older replies on request, and leaves alone what is not loaded", async () => {
    const fake = await opened(70);
    expect(fake.view().items).toHaveLength(50);
    expect(fake.view().hasOlder).toBe(true);
    fake.server.change("1", 3, { body: "changed far above" });
    await fake.clock.advance(500);
    expect(fake.view().items).toHaveLength(50);
    await fake.thread.loadOlder();
    expect(fake.view().items).toHaveLength(70);
    expect(fake.view().items[1]?.body).toBe("changed far above");
    expect(fake.view().hasOlder).toBe(false);
  });

  it("counts once what a page counted already and is heard of after it", async () => {
    const fake = await opened(1);
    fake.close();
    const { reply } = fake.server;
    fake.server.reply = (name, payload) => {
      if (payload.limit !== 1) {
        fake.state.unreadCount = 2;
        queueMicrotask(() => fake.reply("1"));
      }
      return reply(name, payload);
    };
    fake.thread.open();
    await fake.clock.advance(500);
    expect(bodiesOf(fake.view().items)).toEqual(["0", "1"]);
    expect(fake.view().state?.unreadCount).toBe(2);
    fake.server.change("1", 2, { deletedAt: "2030-01-01T00:00:00.000Z" });
    await fake.clock.advance(500);
    expect(fake.view().state?.unreadCount).toBe(1);
  });

  it("says in quotes what the quoted message says now, also when a page is on its way", async () => {
    const fake = await opened(2);
    const [root, first] = fake.server.log("1").messages as [Message, Message];
    const quote = ({ id, seq, senderId, kind, body }: Message) => ({ id, seq, senderId, kind, body });
    fake.server.change("1", 2, { replyTo: quote(root) });
    fake.server.change("1", 3, { replyTo: quote(first) });
    await settled();
    fake.server.change("1", 1, { body: "root!" });
    await settled();
    const quotes = () => fake.view().items.map(({ replyTo }) => replyTo?.body);
    expect(quotes()).toEqual(["root!", "0"]);
    fake.close();
    const { reply } = fake.server;
    fake.server.reply = (name, payload) => {
      const page = structuredClone(reply(name, payload));
      if (payload.limit !== 1) fake.server.change("1", 2, { body: "0!" });
      return page;
    };
    fake.thread.open();
    await fake.clock.advance(500);
    expect(quotes()).toEqual(["root", "0!"]);
    fake.hide(first);
    await settled();
    expect(quotes()).toEqual([null]);
  });

  it("says in the root what the message that it quotes says now", async () => {
    const fake = await opened(1);
    const [root, quoted] = fake.server.log("1").messages as [Message, Message];
    fake.server.change("1", root.seq, { replyTo: quoted });
    await settled();
    const quote = () => fake.view().root?.replyTo?.body;
    expect(quote()).toBe("0");
    fake.server.change("1", quoted.seq, { body: "0!" });
    await settled();
    expect(quote()).toBe("0!");
    fake.hide(quoted);
    await settled();
    expect(quote()).toBeNull();
  });

  it("knows one's own reactions, which a broadcast cannot tell", async () => {
    const fake = await opened(1);
    const reactions = [{ emoji: "x", count: 1, userIds: ["ann"], mine: false }];
    for (const seq of [1, 2]) fake.server.change("1", seq, { reactions });
    await settled();
    expect([fake.view().root, ...fake.view().items].map((one) => one?.reactions[0]?.mine)).toEqual([
      true,
      true,
    ]);
  });

  it("is whole again when somebody who was put out of the group comes back", async () => {
    const fake = await opened(1);
    const log = fake.server.log("1");
    const { members } = log;
    log.members = members.filter(({ userId }) => userId !== "ann");
    fake.server.open()[0]?.send("conversation:removed", { conversationId: "1" });
    await fake.clock.advance(500);
    fake.reply("1");
    log.members = members;
    fake.server.broadcast("1", "conversation:updated", { conversation: conversationOf(log) });
    await fake.clock.advance(1_000);
    expect(bodiesOf(fake.view().items)).toEqual(["0", "1"]);
  });

  it("is loaded when that failed at first, and again when coming back failed", async () => {
    const fake = await opened(1);
    fake.close();
    let refused = 0;
    const refuseOnce = () => {
      refused = 0;
      fake.server.fate = (name, { limit }) =>
        name === "thread:messages" && limit !== 1 && refused++ === 0 ? new ChatError("unavailable") : "ok";
    };
    refuseOnce();
    fake.thread.open();
    await settled();
    expect(fake.view().status).toBe("failed");
    fake.server.open()[0]?.drop();
    await fake.clock.advance(5_000);
    expect(fake.view().status).toBe("ready");
    refuseOnce();
    const log = fake.server.log("1");
    fake.server.open()[0]?.send("conversation:removed", { conversationId: "1" });
    const { onFrame } = fake.server;
    fake.server.onFrame = () => {};
    fake.reply("1");
    fake.server.onFrame = onFrame;
    fake.server.broadcast("1", "conversation:updated", { conversation: conversationOf(log) });
    await fake.clock.advance(1_000);
    expect(bodiesOf(fake.view().items)).toEqual(["0"]);
    fake.server.open()[0]?.drop();
    await fake.clock.advance(5_000);
    expect(bodiesOf(fake.view().items)).toEqual(["0", "1"]);
  });

  it("has each older reply once, also when they are asked for twice at once", async () => {
    const fake = await opened(70);
    await Promise.all([fake.thread.loadOlder(), fake.thread.loadOlder()]);
    expect(fake.view().items).toHaveLength(70);
  });

  it("does not bring back the words of what is hidden, with what came while a page was on its way", async () => {
    const fake = await opened(2);
    fake.close();
    const [, first] = fake.server.log("1").messages as [Message, Message];
    const { reply } = fake.server;
    fake.server.reply = (name, payload) => {
      const page = structuredClone(reply(name, payload));
      if (payload.limit !== 1) {
        fake.server.change("1", 3, { replyTo: first });
        fake.hide(first);
      }
      return page;
    };
    fake.thread.open();
    await fake.clock.advance(500);
    expect(fake.view().items.map(({ replyTo }) => replyTo?.body)).toEqual([null]);
  });

  it("asks whether it is followed, where it is told one after the other and may hear them the other way round", async () => {
    const fake = await opened(1);
    const held = fake.view().state as ThreadState;
    fake.state.following = true;
    for (const following of [true, false]) {
      fake.server.open()[0]?.send("thread:updated", { state: { ...held, following } });
    }
    await settled();
    expect(fake.view().state?.following).toBe(true);
  });

  it("asks for the count where it reaches beyond what is loaded, and not elsewhere", async () => {
    const fake = await opened(60);
    const asked = () => fake.server.sent("thread:messages").filter(({ limit }) => limit === 1).length;
    fake.state.unreadCount = 61;
    fake.reply("60");
    await fake.clock.advance(500);
    expect(fake.view().state?.unreadCount).toBe(61);
    expect(asked()).toBe(1);
    await fake.thread.loadOlder();
    fake.reply("61");
    await fake.clock.advance(500);
    expect(fake.view().state?.unreadCount).toBe(62);
    expect(asked()).toBe(1);
  });

  it("finds out what was read elsewhere while it was away, with the conversation's sync", async () => {
    const fake = await opened(3);
    fake.server.open()[0]?.drop();
    Object.assign(fake.state, { readSeq: 3, unreadCount: 1, following: false });
    await fake.clock.advance(10_000);
    expect(fake.view().state).toMatchObject({ readSeq: 3, unreadCount: 1, following: false });
  });

  it("keeps the further of two watermarks, and ends with its last close", async () => {
    const fake = await opened(3);
    await fake.thread.markRead(4);
    expect(fake.view().state).toMatchObject({ readSeq: 4, unreadCount: 0 });
    const late = { ...fake.view().state, readSeq: 2, unreadCount: 2 };
    for (const socket of fake.server.open()) socket.send("thread:updated", { state: late });
    await settled();
    expect(fake.view().state).toMatchObject({ readSeq: 4, unreadCount: 0 });
    const second = fake.thread.open();
    fake.close();
    fake.reply("still open");
    await fake.clock.advance(500);
    expect(fake.view().items).toHaveLength(4);
    second();
    expect(fake.view()).toMatchObject({ status: "idle", items: [] });
  });

  it("says so when it cannot be loaded", async () => {
    const fake = fakeClient();
    fake.server.addLog("1", ["ann", "bob"]);
    fake.server.fate = (name) =>
      name === "thread:messages" ? new ChatError("not_found", { reason: "message" }) : "ok";
    await fake.online();
    const thread = fake.chat.conversation("1").thread("99");
    thread.open();
    await fake.clock.advance(500);
    expect(thread.view.getSnapshot()).toMatchObject({ status: "failed", error: { code: "not_found" } });
  });
});
