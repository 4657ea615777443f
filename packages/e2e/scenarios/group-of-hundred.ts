import { insertUsers, until } from "@confab/testkit";
import { expect } from "vitest";
import { mintedSocket } from "../bare-socket.ts";
import { online, signUp } from "../people.ts";
import { openOn, untilShown } from "../timeline.ts";
import type { Scenario } from "./index.ts";

/** 98 bare sockets beside two devices: all hear one message, each exactly once. */
export const groupOfHundred: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const others = await insertUsers(cluster.stores, 98);
  const [from, to] = [await online(alice, 0), await online(bo, 1)];
  const id = await from.createGroup({ title: "All hands", memberIds: [bo.userId, ...others] });

  const sockets = await Promise.all(
    others.map((userId, index) => mintedSocket(cluster, { userId, gateway: index, cleanup })),
  );
  const heard = sockets.map((socket) => {
    const seen: number[] = [];
    socket.on("message:created", (message) => {
      if (message.conversationId === id && message.kind === "text") seen.push(message.seq);
    });
    return seen;
  });
  await openOn(to, id, cleanup);

  const sent = await from.conversation(id).send({ body: "welcome, everybody" }).delivered;
  await until(() => heard.every((seen) => seen.length > 0), {
    describe: () => `${heard.filter((seen) => seen.length === 0).length} of 98 sockets heard nothing`,
  });
  expect(new Set(heard.map((seen) => seen.join()))).toEqual(new Set([String(sent.seq)]));
  await untilShown(to, id, ["welcome, everybody"]);
};
