import { expect, it } from "vitest";
import { formatNumber, toMarkdown, toRows, toText } from "./table.ts";

const columns = [
  { value: "rate", title: "messages/s" },
  { value: "p99", title: "p99 ms", digits: 1 },
  { value: "absent", title: "absent" },
];
const rows = toRows(
  [
    {
      system: "confab",
      variant: "W=8",
      runs: 3,
      values: { rate: { median: 6000, min: 5900, max: 6100 }, p99: { median: 4, min: 4, max: 4 } },
    },
    { system: "seed", variant: "W=8", runs: 0, values: {} },
  ],
  columns,
);

it("shows medians with their ranges, and leaves out columns that nobody has", () => {
  expect(rows).toEqual([
    ["system", "variant", "messages/s", "p99 ms"],
    ["confab", "W=8", "6,000 (5,900–6,100)", "4.0"],
    ["seed", "W=8 (no good run)", "–", "–"],
  ]);
});

it("lines up for a terminal, and is a table in Markdown", () => {
  const lines = toText(rows).split("\n");
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(toMarkdown(rows).split("\n")[1]).toBe("| --- | --- | --: | --: |");
});

it("does not invent a number", () => {
  expect(formatNumber(Number.NaN)).toBe("–");
  expect(formatNumber(1234.56, 1)).toBe("1,234.6");
});
