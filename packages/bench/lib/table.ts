import type { Column } from "./bench.ts";
import type { Summary } from "./results.ts";
import type { Spread } from "./statistics.ts";

/** A number as people read it; `digits` after the point. */
export function formatNumber(value: number, digits = 0): string {
  if (!Number.isFinite(value)) return "–";
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function formatSpread(spread: Spread | undefined, { digits = 0 }: Column): string {
  if (!spread) return "–";
  const { median, min, max } = spread;
  const middle = formatNumber(median, digits);
  const range = `${formatNumber(min, digits)}–${formatNumber(max, digits)}`;
  return min === max ? middle : `${middle} (${range})`;
}

/** Header and rows: the median of each value, with its range where there is one. */
export function toRows(summary: Summary[], columns: Column[]): string[][] {
  const used = columns.filter(({ value }) => summary.some(({ values }) => values[value]));
  return [
    ["system", "variant", ...used.map(({ title }) => title)],
    ...summary.map(({ system, variant, runs, values }) => [
      system,
      runs === 0 ? `${variant} (no good run)` : variant,
      ...used.map((column) => formatSpread(values[column.value], column)),
    ]),
  ];
}

/** For a terminal: texts to the left, numbers to the right. */
export function toText(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => (row[index] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, index) =>
          index < 2 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function toMarkdown(rows: string[][]): string {
  const [header = [], ...body] = rows;
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const rule = header.map((_, index) => (index < 2 ? "---" : "--:"));
  return [line(header), line(rule), ...body.map(line)].join("\n");
}
