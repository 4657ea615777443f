import { until } from "@confab/testkit";
import { expect } from "vitest";
import { online, signUp } from "../people.ts";
import { openOn, shown, untilShown } from "../timeline.ts";
import type { Scenario } from "./index.ts";

/** From two people's eyes: Alice blocks Bo, nothing of either reaches the other, and Bo sees no difference. */
export const blockBothWays: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const [hers, his] = [await online(alice, 0), await online(bo, 1)];
  const id = await hers.openDirect(bo.userId);
  await openOn(hers, id, cleanup);
  await openOn(his, id, cleanup);
  cleanup.defer(his.presence.watch([alice.userId]));
  const statusOfAlice = () => his.presence.of(alice.userId).getSnapshot()?.status;
  await hers.conversation(id).send({ body: "hello" }).delivered;
  await untilShown(his, id, ["hello"]);
  await until(() => statusOfAlice() === "online", { describe: () => `alice online; ${statusOfAlice()}` });

  await hers.moderation.block(bo.userId);
  expect((await hers.moderation.blocks()).items.map(({ user }) => user.id)).toEqual([bo.userId]);
  await until(() => statusOfAlice() === "offline", { describe: () => `alice gone; ${statusOfAlice()}` });

  const sent = await his.conversation(id).send({ body: "are you there?" }).delivered;
  expect(sent.seq).toBe(2);
  await untilShown(his, id, ["hello", "are you there?"]);
  hers.conversation(id).markRead(2);
  his.conversation(id).typing.keystroke();
  await expect(hers.conversation(id).send({ body: "x" }).delivered).rejects.toMatchObject({
    code: "forbidden",
    reason: "peer_blocked",
  });
  // Another conversation goes on, so what was to come has come by now.
  const cy = await signUp(cluster, cleanup, "cy");
  const other = await hers.openDirect(cy.userId);
  await openOn(hers, other, cleanup);
  await hers.conversation(other).send({ body: "hi" }).delivered;
  await untilShown(hers, other, ["hi"]);
  expect(shown(hers, id).filter(({ mine }) => !mine)).toEqual([]);
  expect(hers.conversation(id).typing.users.getSnapshot()).toEqual([]);
  expect(shown(his, id).at(-1)?.state).toBe("sent");

  await hers.moderation.unblock(bo.userId);
  await his.conversation(id).send({ body: "and now?" }).delivered;
  await until(() => shown(hers, id).some(({ body }) => body === "and now?"), {
    describe: () => `what alice sees: ${shown(hers, id).map(({ body }) => body)}`,
  });
  expect(shown(hers, id).map(({ body }) => body)).not.toContain("are you there?");
};
