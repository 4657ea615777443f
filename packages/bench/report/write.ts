import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Problem } from "@confab/local";
import { type Result, readResults } from "../lib/results.ts";
import { SCENARIOS } from "../scenarios/index.ts";
import { type Bar, barChart } from "./chart.ts";
import { insert, summaryOf } from "./summary.ts";

const DOCS = join(import.meta.dirname, "../../../docs");
const PAGE = join(DOCS, "performance.md");
const NEW_PAGE = "# Performance\n\n## Measured\n";

/** What is worth a picture: a value of a scenario, by system and variant. */
const CHARTS = [
  { scenario: "send", value: "messagesPerSecond", title: "Durable messages a second", only: /^W=/ },
  {
    scenario: "send",
    value: "cpuUsPerMessage",
    title: "CPU µs per message, servers and stores",
    only: /^W=/,
  },
  { scenario: "send", value: "deliveryP99Ms", title: "Delivery p99 in ms, open loop", only: /\/s$/ },
];

/** Writes `docs/performance.md` and its charts from the kept results; says what it wrote. */
export function writeReport(): string {
  const order = SCENARIOS.map(({ name }) => name);
  const results = readResults().sort((a, b) => order.indexOf(a.scenario) - order.indexOf(b.scenario));
  if (results.length === 0) {
    throw new Problem("There are no results to report.", [
      "Measure first, on a quiet machine: npm run bench -- send",
    ]);
  }
  const images = writeCharts(results);
  const pictures = images.map(({ file, title }) => `![${title}](images/${file})`);
  const page = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : NEW_PAGE;
  writeFileSync(PAGE, insert(page, [...pictures, summaryOf(results)].join("\n\n")));
  return [PAGE, ...images.map(({ file }) => join(DOCS, "images", file))].join("\n");
}

function writeCharts(results: Result[]): { file: string; title: string }[] {
  mkdirSync(join(DOCS, "images"), { recursive: true });
  return CHARTS.flatMap(({ scenario, value, title, only }) => {
    const result = results.find((one) => one.scenario === scenario);
    const bars = barsOf(result, value, only);
    if (bars.length === 0) return [];
    const file = `bench-${scenario}-${value}.svg`;
    writeFileSync(join(DOCS, "images", file), barChart(title, bars));
    return [{ file, title }];
  });
}

function barsOf(result: Result | undefined, value: string, only: RegExp): Bar[] {
  return (result?.summary ?? [])
    .filter(({ variant, values }) => only.test(variant) && values[value])
    .map(({ system, variant, values }) => ({
      label: `${system}, ${variant}`,
      value: values[value]?.median as number,
      ours: system === "confab",
    }));
}
