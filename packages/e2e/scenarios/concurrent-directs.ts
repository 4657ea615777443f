import { expect } from "vitest";
import { address, signUp } from "../people.ts";
import { rest } from "../rest.ts";
import type { Scenario } from "./index.ts";

export const concurrentDirects: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const tokens = { alice: await alice.token(), bo: await bo.token() };
  const created = await Promise.all(
    Array.from({ length: 50 }, (_, index) => {
      const [token, userId] = index % 2 === 0 ? [tokens.alice, bo.userId] : [tokens.bo, alice.userId];
      return rest(address(cluster, index), token).post("/v1/conversations", { kind: "direct", userId });
    }),
  );
  expect(created.map((reply) => reply.status)).toEqual(created.map(() => 201));
  expect(new Set(created.map((reply) => reply.body.id)).size).toBe(1);
};
