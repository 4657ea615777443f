import type { Result } from "../lib/results.ts";
import { toMarkdown, toRows } from "../lib/table.ts";

export const BEGIN = "<!-- bench:begin, written by `npm run bench -- report` -->";
export const END = "<!-- bench:end -->";

/** What the results say, as Markdown: for each scenario its conditions and its table. */
export function summaryOf(results: Result[]): string {
  return results
    .map((result) =>
      [
        `### ${result.scenario}`,
        "",
        `${capital(result.about)}. ${conditions(result)}`,
        "",
        toMarkdown(toRows(result.summary, result.columns)),
      ].join("\n"),
    )
    .join("\n\n");
}

function conditions({ host, options, durability, startedAt, disturbed }: Result): string {
  const { cpu, cores, memoryGib, kernel, node, stores, commit } = host;
  const seconds = `${options.runs} runs of ${options.seconds} s after ${options.warmupSeconds} s`;
  const durable = Object.entries(durability).map(([name, value]) => `\`${name}=${value}\``);
  return [
    `Median (range) of ${seconds}, the generator on the same machine: ${cores} × ${cpu}, ${memoryGib} GiB,`,
    `Linux ${kernel}, Node ${node}, ${stores}, ${durable.join(", ")}; commit ${commit}, ${startedAt.slice(0, 10)}.`,
    ...(disturbed.length > 0 ? [`Left out, since others disturbed a run: ${disturbed.join(", ")}.`] : []),
  ].join(" ");
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** Puts the text between the marks, at the end of a page that has none. */
export function insert(page: string, text: string): string {
  const block = `${BEGIN}\n${text}\n${END}`;
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) return `${page.trimEnd()}\n\n${block}\n`;
  return page.slice(0, from) + block + page.slice(to + END.length);
}
