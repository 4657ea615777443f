import { expect, it } from "vitest";
import { Lifecycle } from "./lifecycle.ts";
import { createLogger } from "./log.ts";

it("stops phase by phase, last added first, and no step can hold up the others", async () => {
  const lifecycle = new Lifecycle(createLogger({ service: "test", level: "silent" }));
  const order: string[] = [];
  lifecycle.onStop("close", "database", () => order.push("database"));
  lifecycle.onStop("drain", "fails", () => {
    order.push("fails");
    throw new Error("broken");
  });
  lifecycle.onStop("drain", "hangs", () => new Promise(() => order.push("hangs")), 5);
  lifecycle.onStop("unready", "health", () => order.push("health"));
  lifecycle.onStop("close", "redis", () => order.push("redis"));
  expect(lifecycle.stopping).toBe(false);
  await Promise.all([lifecycle.stop(), lifecycle.stop()]);
  expect(lifecycle.stopping).toBe(true);
  expect(order).toEqual(["health", "hangs", "fails", "redis", "database"]);
});
