// @vitest-environment happy-dom
import { act, createElement, type ReactNode, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeClient } from "../testing/fake-client.ts";
import { settled } from "../testing/fake-clock.ts";
import {
  ChatProvider,
  useChat,
  useChatEvent,
  useConnection,
  useConversation,
  useConversations,
  useMe,
  useMessages,
  useOutbox,
  usePresence,
  useSelected,
  useTyping,
} from "./index.ts";

let root: Root;
let container: HTMLElement;
beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  container = document.createElement("div");
  root = createRoot(container);
});
afterEach(() => act(() => root.unmount()));

function mounted() {
  const fake = fakeClient();
  fake.server.addLog("1", ["ann", "bob"]);
  const render = (child: ReactNode) =>
    act(async () => {
      root.render(createElement(StrictMode, null, createElement(ChatProvider, { client: fake.chat }, child)));
      await settled();
    });
  const advance = (byMs: number) => act(() => fake.clock.advance(byMs));
  return { ...fake, render, advance, text: () => container.textContent };
}

function Room({ onRender }: { onRender?: () => void }) {
  onRender?.();
  const { items, status } = useMessages("1", { autoRead: true });
  const { details } = useConversation("1");
  const { state } = useConnection();
  return `${state} ${status} ${details?.title} ${useMe()?.id}: ${items.map(({ body }) => body)}`;
}

function Side() {
  const { items } = useConversations();
  const unread = useSelected(useChat().conversations, (list) => list.items[0]?.unreadCount);
  const status = usePresence("bob")?.status;
  return `${items.map(({ id }) => id)} ${unread} ${useTyping("1")} ${useOutbox().length} ${status}`;
}

function Bell({ onBell }: { onBell: (body: string | null) => void }) {
  useChatEvent("message:created", ({ body }) => onBell(body));
  return null;
}

describe("hooks, in StrictMode", () => {
  it("connect once, open while mounted, and leave with the provider", async () => {
    const fake = mounted();
    await fake.render(createElement(Room));
    await fake.advance(1_000);
    expect(fake.server.sockets).toHaveLength(1);
    expect(fake.text()).toBe("online ready group 1 ann: ");
    await act(async () => {
      fake.server.post("1", { senderId: "bob", body: "hello" });
      await settled();
    });
    expect(fake.text()).toBe("online ready group 1 ann: hello");
    await fake.advance(1_000);
    expect(fake.server.sent("receipt:read")).toHaveLength(1);
    expect(fake.server.sent("activity:set").at(-1)).toMatchObject({ conversationId: "1" });
    await act(() => root.render(null));
    await fake.advance(1_000);
    expect(fake.chat.connection.getSnapshot().state).toBe("idle");
  });

  it("show the list, the outbox, typing and presence", async () => {
    const fake = mounted();
    fake.server.presences.set("bob", { userId: "bob", status: "idle", lastSeenAt: null, custom: null });
    await fake.render(createElement(Side));
    await fake.advance(1_000);
    expect(fake.text()).toBe("1 0  0 idle");
    await act(async () => {
      fake.server.post("1", { senderId: "bob", body: "hello" });
      fake.server.open()[0]?.send("typing:changed", { conversationId: "1", userIds: ["bob"] });
      fake.server.open()[0]?.drop();
      fake.chat.conversation("1").send({ body: "waits" });
      await settled();
    });
    expect(fake.text()).toBe("1 1 bob 1 idle");
  });

  it("do not render a timeline again for typing", async () => {
    const fake = mounted();
    const onRender = vi.fn();
    await fake.render(createElement(Room, { onRender }));
    await fake.advance(1_000);
    onRender.mockClear();
    await act(async () => {
      for (let n = 0; n < 50; n++) {
        const userIds = n % 2 ? ["bob"] : [];
        fake.server.open()[0]?.send("typing:changed", { conversationId: "1", userIds });
      }
      await settled();
    });
    expect(onRender).not.toHaveBeenCalled();
  });

  it("hand each event to the latest listener, once", async () => {
    const fake = mounted();
    const [first, second] = [vi.fn(), vi.fn()];
    await fake.render(createElement(Bell, { onBell: first }));
    await fake.advance(1_000);
    await fake.render(createElement(Bell, { onBell: second }));
    await act(async () => {
      fake.server.post("1", { senderId: "bob", body: "ding" });
      await settled();
    });
    expect(first).not.toHaveBeenCalled();
    expect(second.mock.calls).toEqual([["ding"]]);
  });

  it("say what is missing outside a provider", () => {
    expect(() => act(() => root.render(createElement(Side)))).toThrow("ChatProvider");
  });
});
