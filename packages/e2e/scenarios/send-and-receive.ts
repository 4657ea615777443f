import { expect } from "vitest";
import { online, signUp } from "../people.ts";
import { openOn, shown, untilShown } from "../timeline.ts";
import type { Scenario } from "./index.ts";

/** P1, P3, P5. */
export const sendAndReceive: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const [from, to] = [await online(alice, 0), await online(bo, 1)];
  const id = await from.openDirect(bo.userId);
  await openOn(from, id, cleanup);
  await openOn(to, id, cleanup);

  const words = Array.from({ length: 50 }, (_, index) => `message ${index}`);
  const sent = words.map((body) => from.conversation(id).send({ body }));
  const committed = await Promise.all(sent.map((message) => message.delivered));
  expect(committed.map((message) => message.seq)).toEqual(words.map((_, index) => index + 1));

  await untilShown(to, id, words);
  await untilShown(from, id, words);
  for (const device of [from, to]) {
    expect(shown(device, id).map((message) => message.seq)).toEqual(words.map((_, index) => index + 1));
  }
};
