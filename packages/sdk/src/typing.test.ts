import { describe, expect, it } from "vitest";
import { fakeClient } from "./testing/fake-client.ts";
import { settled } from "./testing/fake-clock.ts";

async function ready() {
  const fake = fakeClient();
  fake.server.addLog("1", ["ann", "bob", "cid"]);
  await fake.online();
  const { typing, ...room } = fake.chat.conversation("1");
  const frames = () =>
    fake.server.commands.map(({ name }) => name).filter((name) => name.startsWith("typing:"));
  const hear = (userIds: string[]) =>
    fake.server.open()[0]?.send("typing:changed", { conversationId: "1", userIds });
  return { ...fake, room, typing, frames, hear };
}

describe("typing", () => {
  it("says so at most every 2 s while keys are hit, and stops 3 s after the last", async () => {
    const fake = await ready();
    for (let n = 0; n < 40; n++) {
      fake.typing.keystroke();
      await fake.clock.advance(100);
    }
    expect(fake.frames()).toEqual(["typing:start", "typing:start"]);
    await fake.clock.advance(2_800);
    expect(fake.frames()).toHaveLength(2);
    await fake.clock.advance(200);
    expect(fake.frames()).toEqual(["typing:start", "typing:start", "typing:stop"]);
    fake.typing.stop();
    expect(fake.frames()).toHaveLength(3);
  });

  it("stops on send and when the window loses the focus", async () => {
    const fake = await ready();
    fake.typing.keystroke();
    fake.room.send({ body: "done" });
    expect(fake.frames()).toEqual(["typing:start", "typing:stop"]);
    fake.typing.keystroke();
    fake.setActive(false);
    expect(fake.frames()).toEqual(["typing:start", "typing:stop", "typing:start", "typing:stop"]);
  });

  it("shows others, not oneself, and forgets them after 6 s without news", async () => {
    const fake = await ready();
    fake.hear(["ann", "bob"]);
    expect(fake.typing.users.getSnapshot()).toEqual(["bob"]);
    await settled();
    expect(fake.chat.conversations.getSnapshot().items[0]?.typingUserIds).toEqual(["bob"]);
    await fake.clock.advance(5_000);
    fake.hear(["bob", "cid"]);
    await fake.clock.advance(5_900);
    expect(fake.typing.users.getSnapshot()).toEqual(["bob", "cid"]);
    await fake.clock.advance(200);
    expect(fake.typing.users.getSnapshot()).toEqual([]);
  });

  it("ends with the message of who typed, and leaves the timeline alone", async () => {
    const fake = await ready();
    fake.chat.conversation("1").open();
    await settled();
    const timeline = fake.chat.conversation("1").messages;
    const before = timeline.getSnapshot();
    let calls = 0;
    timeline.subscribe(() => {
      calls += 1;
    });
    for (let n = 0; n < 20; n++) fake.hear(n % 2 ? ["bob"] : ["bob", "cid"]);
    await settled();
    expect(calls).toBe(0);
    expect(timeline.getSnapshot()).toBe(before);
    fake.server.post("1", { senderId: "bob", body: "hi" });
    expect(fake.typing.users.getSnapshot()).toEqual([]);
  });
});
