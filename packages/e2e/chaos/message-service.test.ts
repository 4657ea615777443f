import { randomUUID } from "node:crypto";
import { until } from "@confab/testkit";
import { expect, it } from "vitest";
import { bareSocket } from "../bare-socket.ts";
import { signUp } from "../people.ts";
import { startLoad } from "./load.ts";
import { Observer } from "./observer.ts";
import { startProcessCluster } from "./process-cluster.ts";

it("a retry after a kill between commit and ack gets the message that was stored", async () => {
  await using cleanup = new AsyncDisposableStack();
  const cluster = cleanup.use(await startProcessCluster({ gateways: 1 }));
  const observer = cleanup.use(new Observer(cluster.databaseUrl));
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const socket = await bareSocket(cluster, alice, { cleanup });
  const warmUp = await socket.emitWithAck("message:send", {
    to: bo.userId,
    clientMessageId: randomUUID(),
    body: "first",
  });
  expect(warmUp.ok).toBe(true);

  for (let round = 0; round < 3; round++) {
    const command = { to: bo.userId, clientMessageId: randomUUID(), body: `round ${round}` };
    // Requests still pass, answers do not: the message is committed and nobody is told.
    cluster.messageWire.holdAnswers();
    const unanswered = socket.emitWithAck("message:send", command);
    await until(
      async () => (await observer.messages()).some((row) => row.clientMessageId === command.clientMessageId),
      {
        describe: () => "the message is committed",
      },
    );
    await cluster.message.kill();
    cluster.messageWire.reset();
    await cluster.messageWire.heal();
    expect(await unanswered).toMatchObject({
      ok: false,
      error: { code: expect.stringMatching(/unavailable|timeout/) },
    });

    await cluster.message.start();
    const stored = (await observer.messages()).find((row) => row.clientMessageId === command.clientMessageId);
    const retried = await socket.emitWithAck("message:send", command);
    expect(retried).toMatchObject({
      ok: true,
      duplicate: true,
      message: { id: stored?.id, seq: stored?.seq },
    });
  }
  expect((await observer.messages()).map((row) => row.seq)).toEqual([1, 2, 3, 4]);
});

it("a message service that is killed under load loses nothing that was acknowledged", async () => {
  await using cleanup = new AsyncDisposableStack();
  const cluster = cleanup.use(await startProcessCluster({ gateways: 2 }));
  const load = await startLoad(cluster, cleanup, { people: 6, seed: 6 });
  for (const _round of [1, 2]) {
    await load.progress(60);
    await cluster.message.kill();
    await cluster.message.start();
  }
  await load.progress(60);
  await load.finish();
});
