import { expect, it } from "vitest";
import { rowsOf } from "./sql.ts";

/** As the driver gives it: rows are arrays, and their columns are told beside them. */
const answer = (columns: Record<string, string>, ...rows: unknown[][]) =>
  Object.assign(rows, {
    meta: Object.entries(columns).map(([name, type]) => ({ type, name: () => name })),
  });

it("gives rows by column name, and dates in UTC", () => {
  const rows = answer({ id: "BIGINT", at: "DATETIME" }, [1n, "2026-11-21 10:20:30.400"], [2n, null]);
  expect(rowsOf(rows)).toEqual([
    { id: 1n, at: new Date(Date.UTC(2026, 10, 21, 10, 20, 30, 400)) },
    { id: 2n, at: null },
  ]);
});

it("takes columns of the same names and of other types for others", () => {
  expect(rowsOf(answer({ at: "DATETIME" }, ["2026-11-21 10:20:30"]))).toEqual([
    { at: new Date(Date.UTC(2026, 10, 21, 10, 20, 30)) },
  ]);
  expect(rowsOf(answer({ at: "VAR_STRING" }, ["noon"]))).toEqual([{ at: "noon" }]);
});

it("has no rows of a statement that wrote some", () => {
  expect(rowsOf({ affectedRows: 3 })).toEqual([]);
});
