import { afterEach, expect, test, vi } from "vitest";
import { createRandom, withRandom } from "./random.ts";

afterEach(() => vi.unstubAllEnvs());

test("the same seed gives the same sequence, another one another", () => {
  const draw = (seed: number) => {
    const random = createRandom(seed);
    return [random.next(), random.int(1, 6), random.pick(["a", "b", "c"]), random.uuid()];
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test("stays within its bounds and reaches them", () => {
  const random = createRandom(1);
  const drawn = Array.from({ length: 2000 }, () => random.int(1, 6));
  expect(new Set(drawn)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  expect(Array.from({ length: 2000 }, () => random.next()).every((n) => n >= 0 && n < 1)).toBe(true);
});

test("a shuffle keeps what it was given", () => {
  const items = Array.from({ length: 50 }, (_, index) => index);
  const shuffled = createRandom(3).shuffle(items);
  expect(shuffled).not.toEqual(items);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
});

test("uuids have version 4's form", () => {
  const uuid = createRandom(4).uuid();
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("a failure names the seed that shows it again", async () => {
  vi.stubEnv("TEST_SEED", "42");
  const failing = withRandom((random) => {
    throw new Error(`drew ${random.seed}`);
  });
  await expect(failing).rejects.toThrow("drew 42\n(to see it again: TEST_SEED=42)");
});
