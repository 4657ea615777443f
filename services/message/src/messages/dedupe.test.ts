import { expect, it } from "vitest";
import { bytesToUuid, deriveUuid, uuidToBytes } from "./dedupe.ts";

it("a UUID survives its sixteen bytes", () => {
  const uuid = "0198f0a1-7c00-7abc-8def-0123456789ab";
  expect(uuidToBytes(uuid)).toHaveLength(16);
  expect(bytesToUuid(uuidToBytes(uuid))).toBe(uuid);
});

it("a derived UUID is of version 8, the same for the same key, and another for any other", () => {
  const uuid = deriveUuid("publish", "order-1", "0");
  expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(deriveUuid("publish", "order-1", "0")).toBe(uuid);
  expect(deriveUuid("publish", "order-1", "1")).not.toBe(uuid);
  // Where one part ends and the next begins is part of the key.
  expect(deriveUuid("publish", "order-10", "")).not.toBe(deriveUuid("publish", "order-1", "0"));
});
