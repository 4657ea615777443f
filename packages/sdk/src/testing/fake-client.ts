import type { Attention } from "../attention.ts";
import { createChatClient } from "../client.ts";
import { memoryOutboxStorage } from "../outbox-storage.ts";
import type { ChatClientOptions } from "../types.ts";
import { createFakeClock, seededRandom, settled } from "./fake-clock.ts";
import { createFakeServer, type FakeServer } from "./fake-server.ts";

export function fakeAttention() {
  const listeners = new Set<() => void>();
  let isActive = true;
  const attention: Attention = {
    isActive: () => isActive,
    isVisible: () => isActive,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onNetwork: () => () => {},
  };
  const set = (active: boolean): void => {
    isActive = active;
    for (const listener of [...listeners]) listener();
  };
  return { attention, set };
}

/** A client of `userId` against a fake server, in fake time. */
export function fakeClient(
  userId = "ann",
  options: Partial<ChatClientOptions> & { server?: FakeServer; seed?: number } = {},
) {
  const { server = createFakeServer(), seed = 1, ...rest } = options;
  const clock = createFakeClock();
  const focus = fakeAttention();
  const storage = rest.storage ?? memoryOutboxStorage();
  const chat = createChatClient({
    url: "http://confab.test",
    getToken: () => `${userId}#1`,
    random: seededRandom(seed),
    clock,
    storage,
    fetch: server.fetch,
    transport: server.openTransport,
    attention: focus.attention,
    schedule: queueMicrotask,
    ...rest,
  });
  return {
    chat,
    server,
    clock,
    storage,
    setActive: focus.set,
    async online() {
      chat.connect();
      await clock.advance(500);
      await settled();
    },
    bodies: (id: string): (string | null)[] =>
      chat
        .conversation(id)
        .messages.getSnapshot()
        .items.map(({ body }) => body),
    states: (id: string): string[] =>
      chat
        .conversation(id)
        .messages.getSnapshot()
        .items.map(({ state }) => state),
  };
}
