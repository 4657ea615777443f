import { expect, test } from "vitest";
import { isConflict, isDuplicateKey, isUnavailable } from "./errors.ts";

/** As @prisma/adapter-mariadb 7.10 throws it; test/errors.int.test.ts holds these shapes to the real ones. */
const thrown = (code: string, originalCode: string, more: object = {}) =>
  Object.assign(new Error("…"), {
    code,
    meta: { driverAdapterError: { cause: { originalCode, kind: "mysql", ...more } } },
  });

test("a duplicate key, by a model, by raw SQL or by the bare driver", () => {
  const onKey = { constraint: { index: "ux_messages_dedupe" } };
  for (const error of [thrown("P2002", "1062", onKey), thrown("P2010", "1062", onKey)]) {
    expect(isDuplicateKey(error)).toBe(true);
    expect(isDuplicateKey(error, "ux_messages_dedupe")).toBe(true);
    expect(isDuplicateKey(error, "PRIMARY")).toBe(false);
    expect(isUnavailable(error)).toBe(false);
  }
  expect(isDuplicateKey({ errno: 1062 })).toBe(true);
});

test.each([
  ["deadlock, model", thrown("P2034", "1213")],
  ["deadlock, raw", thrown("P2010", "1213")],
  ["lock wait, model", thrown("P2039", "1205")],
  ["lock wait, raw", thrown("P2010", "1205")],
  ["snapshot isolation of MariaDB ≥ 11.6.2", thrown("P2010", "1020")],
])("a conflict: %s", (_, error) => {
  expect(isConflict(error)).toBe(true);
  expect(isUnavailable(error)).toBe(true);
});

test.each([
  ["pool timeout, raw", thrown("P2010", "45028")],
  ["pool timeout, model", thrown("P2039", "45028")],
  ["transaction not begun or expired", { code: "P2028" }],
  ["too many connections", thrown("P2037", "1040")],
  ["an unknown number with a connection's state", thrown("P2010", "45999", { state: "08S01" })],
  ["bare driver, refused", { code: "ECONNREFUSED" }],
  ["disk full", thrown("P2010", "1114")],
])("unavailable: %s", (_, error) => {
  expect(isUnavailable(error)).toBe(true);
  expect(isConflict(error)).toBe(false);
  expect(isDuplicateKey(error)).toBe(false);
});

test.each([
  ["bad SQL", thrown("P2010", "1064")],
  ["catch-all of a model", thrown("P2039", "1366")],
  ["too long", thrown("P2000", "1406")],
  ["an error of ours", new TypeError("x is not a function")],
  ["not an error at all", "late"],
  ["nothing", undefined],
])("none of these: %s", (_, error) => {
  expect([isUnavailable(error), isConflict(error), isDuplicateKey(error)]).toEqual([false, false, false]);
});
