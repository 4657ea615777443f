import type { Discontinuity } from "../types.ts";
import { fakeClient } from "./fake-client.ts";
import type { FakeServer } from "./fake-server.ts";

/** Ann, online, with conversation 1 (she and Bob) open; `created`, `updated` and `gaps` are what she heard. */
export async function opened(prepare: (server: FakeServer) => void = () => {}) {
  const fake = fakeClient();
  fake.server.addLog("1", ["ann", "bob"]);
  prepare(fake.server);
  await fake.online();
  const room = fake.chat.conversation("1");
  const created: number[] = [];
  const updated: number[] = [];
  fake.chat.on("message:updated", (message) => updated.push(message.seq));
  const gaps: Discontinuity[] = [];
  fake.chat.on("message:created", (message) => created.push(message.seq));
  fake.chat.on("discontinuity", (gap) => gaps.push(gap));
  const close = room.open();
  await fake.clock.advance(200);
  const seqs = () => room.messages.getSnapshot().items.map((item) => item.seq);
  const say = (body: string) => fake.server.post("1", { senderId: "bob", body });
  return { ...fake, room, created, updated, gaps, seqs, say, close };
}

/** From now on broadcasts are lost. */
export const drop = (server: FakeServer): void => {
  server.onFrame = () => {};
};

/** From now on broadcasts arrive. */
export const pass = (server: FakeServer): void => {
  server.onFrame = (_name, _payload, deliver) => deliver();
};
