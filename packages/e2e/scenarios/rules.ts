import { until } from "@confab/testkit";
import { expect } from "vitest";
import { bareSocket } from "../bare-socket.ts";
import { online, signUp } from "../people.ts";
import { openOn, shown, untilShown } from "../timeline.ts";
import type { Scenario } from "./index.ts";

/** A group changes its rules, and takes somebody out: heard at once, and afterwards nothing. */
export const groupRules: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const [hers, his] = [await online(alice, 0), await online(bo, 1)];
  const id = await hers.createGroup({ title: "News", memberIds: [bo.userId], announcement: true });
  await openOn(his, id, cleanup);
  await until(() => his.conversation(id).details.getSnapshot()?.settings.announcement === true);
  await expect(his.conversation(id).send({ body: "me too" }).delivered).rejects.toMatchObject({
    code: "forbidden",
    reason: "announcement",
  });
  await hers.conversation(id).update({ announcement: false, slowModeSeconds: 1 });
  await until(() => his.conversation(id).details.getSnapshot()?.settings.slowModeSeconds === 1);
  // The second waits in the outbox for as long as the server says.
  const words = ["one", "two"].map((body) => his.conversation(id).send({ body }));
  await Promise.all(words.map((message) => message.delivered));
  await openOn(hers, id, cleanup);
  await until(() => shown(hers, id).filter(({ kind }) => kind === "text").length === 2);

  const devices = await Promise.all(
    [0, 1, 2].map((gateway) => bareSocket(cluster, bo, { gateway, cleanup })),
  );
  const heard: unknown[] = [];
  for (const device of devices) {
    device.on("message:created", (message) => {
      // Of what took them out they may hear.
      if (message.kind === "text") heard.push(message);
    });
  }
  const removed = Promise.all(
    devices.map((device) => new Promise((resolve) => device.once("conversation:removed", resolve))),
  );
  await hers.moderation.ban(id, bo.userId, { reason: "spam" });
  await removed;
  await hers.conversation(id).send({ body: "without him" }).delivered;
  await untilShown(
    hers,
    id,
    shown(hers, id).map(({ body }) => body ?? ""),
  );
  const answer = await devices[0]?.emitWithAck("conversation:sync", { cursors: { [id]: 0 } });
  expect(answer).toMatchObject({ ok: true, conversations: [], unknown: [id] });
  expect(heard).toEqual([]);
  await until(() => !his.conversations.getSnapshot().items.some((item) => item.id === id), {
    describe: "the group is gone from his list",
  });
  expect((await hers.moderation.audit(id)).items.map(({ action }) => action)).toEqual([
    "member_banned",
    "settings_changed",
  ]);
};
