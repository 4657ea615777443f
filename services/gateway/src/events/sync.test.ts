import type { SyncItem } from "@confab/contract/internal";
import type { RpcClient } from "@confab/runtime";
import { expect, it } from "vitest";
import { Syncer } from "./sync.ts";

it("asks for several people at once while a question is under way, and tells each their own", async () => {
  const requests: string[][] = [];
  const first = Promise.withResolvers<void>();
  const message = {
    call: async (_route: unknown, { items }: { items: SyncItem[] }) => {
      requests.push(items.map(({ userId }) => userId));
      await first.promise;
      return {
        results: items.map(({ userId }) =>
          userId === "u7"
            ? { ok: false, error: { code: "invalid", reason: "odd" } }
            : { ok: true, value: { conversations: [], unknown: [userId] } },
        ),
      };
    },
  } as unknown as RpcClient;
  const syncer = new Syncer({ message, deadlineMs: 5000, clock: { now: () => 0 } });
  const ask = (n: number) => syncer.sync({ userId: `u${n}`, cursors: { "1": 0 } });
  const early = [ask(0), ask(1)];
  await new Promise((resolve) => setImmediate(resolve));
  const late = Array.from({ length: 20 }, (_, n) => ask(n + 2));
  first.resolve();
  const outcomes = await Promise.allSettled([...early, ...late]);
  expect(requests).toHaveLength(4);
  for (const [n, outcome] of outcomes.entries()) {
    if (n === 7) expect(outcome).toMatchObject({ reason: { code: "invalid", reason: "odd" } });
    else expect(outcome).toMatchObject({ value: { unknown: [`u${n}`] } });
  }
});
