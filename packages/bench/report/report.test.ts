import { describe, expect, it } from "vitest";
import { FULL } from "../lib/options.ts";
import type { Result } from "../lib/results.ts";
import { barChart } from "./chart.ts";
import { BEGIN, END, insert, summaryOf } from "./summary.ts";

const result: Result = {
  scenario: "send",
  about: "pairs of people",
  startedAt: "2026-11-20T22:00:00.000Z",
  host: {
    cpu: "Some CPU",
    cores: 2,
    memoryGib: 24,
    kernel: "6.1",
    node: "v24",
    stores: "MariaDB 10.11",
    commit: "abc1234",
    changedFiles: 0,
  },
  options: FULL,
  settings: {},
  durability: { innodb_flush_log_at_trx_commit: "1" },
  columns: [{ value: "rate", title: "messages/s" }],
  summary: [
    { system: "confab", variant: "W=8", runs: 3, values: { rate: { median: 6000, min: 1, max: 7000 } } },
  ],
  runs: [],
  disturbed: [],
};

describe("report", () => {
  it("states the conditions beside the numbers", () => {
    const text = summaryOf([result]);
    for (const part of ["### send", "Pairs of people", "2 × Some CPU", "`innodb_flush_log_at_trx_commit=1`"])
      expect(text).toContain(part);
    expect(text).toContain("| confab | W=8 | 6,000 (1–7,000) |");
  });

  it("replaces what it wrote before, and nothing else", () => {
    const once = insert("# Page\n\nBefore.\n", "one");
    expect(once).toBe(`# Page\n\nBefore.\n\n${BEGIN}\none\n${END}\n`);
    expect(insert(`${once}\nAfter.\n`, "two")).toBe(`# Page\n\nBefore.\n\n${BEGIN}\ntwo\n${END}\n\nAfter.\n`);
  });

  it("draws bars in proportion, with names that cannot break the picture", () => {
    const svg = barChart("a < b", [
      { label: 'x "y"', value: 200, ours: true },
      { label: "z", value: 100, ours: false },
    ]);
    const widths = [...svg.matchAll(/<rect [^>]*width="(\d+)"/g)].map((match) => Number(match[1]));
    expect(widths[0]).toBe(2 * (widths[1] as number));
    expect(svg).toContain("a &lt; b");
    expect(svg).not.toContain('"x "y""');
  });
});
