import { expect, test } from "vitest";
import { until } from "./until.ts";

test("returns the first truthy value, past throws and falsy ones", async () => {
  const answers = [
    () => {
      throw new Error("not there");
    },
    () => 0,
    () => "there",
  ];
  expect(await until(() => answers.shift()?.())).toBe("there");
});

test("says what it waited for and what it saw last", async () => {
  const waiting = until(() => ({ count: 0 }).count, { timeoutMs: 20, describe: "somebody answers" });
  await expect(waiting).rejects.toThrow("waited 20 ms until somebody answers; at the end it was 0");
});

test("a description may be asked for at the end", async () => {
  let looks = 0;
  const waiting = until(() => ++looks < 0, { timeoutMs: 20, describe: () => `${looks > 0} looks` });
  await expect(waiting).rejects.toThrow("until true looks; at the end it was false");
});

test("a condition that never answers does not hold it", async () => {
  const waiting = until(() => new Promise(() => {}), { timeoutMs: 20 });
  await expect(waiting).rejects.toThrow("no answer within");
});
