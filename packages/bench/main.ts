import { parseArgs } from "node:util";
import { Problem, reportProblem } from "@confab/local";
import type { Scenario } from "./lib/bench.ts";
import { openDatabase } from "./lib/database.ts";
import { describeHost } from "./lib/host.ts";
import { FULL, type Options, QUICK, withArguments } from "./lib/options.ts";
import { describeProfiles } from "./lib/profile.ts";
import { keepResult, type Result, settings, summariseRuns, whyNotKept } from "./lib/results.ts";
import { type BenchStores, startBenchStores } from "./lib/stores.ts";
import { toRows, toText } from "./lib/table.ts";
import { writeReport } from "./report/write.ts";
import { SCENARIOS } from "./scenarios/index.ts";

const SHOWN_FAULTS = 10;
const USAGE = [
  "npm run bench                        every scenario, with tables; an hour and a half",
  "npm run bench -- send --json         one of them, as JSON",
  "npm run bench -- send groups --quick whether everything works, in short; its numbers mean nothing",
  "npm run bench -- send --systems confab --windows 8 --seconds 10",
  "npm run bench -- send --profile dir  writes CPU profiles of every service; `profile dir` shows them",
  "npm run bench -- report              docs/performance.md from the results that are kept",
  "",
  ...SCENARIOS.map(({ name, about }) => `${name.padEnd(12)}${about}`),
  "",
  `Options, each with a value: ${Object.keys(FULL).join(", ")}`,
];

function readCommand(args: string[]) {
  const names = Object.keys(FULL);
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: "boolean" },
      quick: { type: "boolean" },
      help: { type: "boolean" },
      ...Object.fromEntries(names.map((name) => [name, { type: "string" as const }])),
    },
  });
  const { json = false, quick = false, help = false, ...given } = values as Record<string, never>;
  return { json, quick, help, given: given as Record<string, string>, positionals };
}

function findScenarios(names: string[]): Scenario[] {
  const unknown = names.find((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown !== undefined) throw new Problem(`There is no scenario "${unknown}".`, USAGE);
  return names.length === 0 ? SCENARIOS : SCENARIOS.filter(({ name }) => names.includes(name));
}

async function measure(scenario: Scenario, options: Options, stores: BenchStores): Promise<Result> {
  const startedAt = new Date().toISOString();
  const host = describeHost(stores.stores.flavour);
  await using database = await openDatabase(`${stores.stores.mysqlUrl}/mysql`);
  const variables = await database.query<{ Variable_name: string; Value: string }>(
    "SHOW VARIABLES WHERE Variable_name IN ('innodb_flush_log_at_trx_commit', 'log_bin', 'sync_binlog')",
  );
  // Progress goes to stderr: stdout is for the result.
  const runs = await scenario.run({ options, stores, say: (line) => console.error(line) });
  const { name, about, columns } = scenario;
  return {
    scenario: name,
    about,
    startedAt,
    host,
    options,
    settings: settings(),
    durability: Object.fromEntries(variables.map(({ Variable_name, Value }) => [Variable_name, Value])),
    columns,
    summary: summariseRuns(runs),
    runs,
    disturbed: [],
  };
}

function show(result: Result): void {
  console.log(`\n${result.scenario}: ${result.about}`);
  console.log(toText(toRows(result.summary, result.columns)));
}

async function run(args: string[]): Promise<void> {
  const { json, quick, help, given, positionals } = readCommand(args);
  if (help) return console.log(USAGE.join("\n"));
  if (positionals[0] === "report") return console.log(writeReport());
  if (positionals[0] === "profile") return console.log(describeProfiles(positionals[1] ?? "."));
  if (process.platform !== "linux") throw new Problem("The bench reads /proc, so it needs Linux.");
  const scenarios = findScenarios(positionals);
  const options = withArguments(quick ? QUICK : FULL, given);
  await using stores = await startBenchStores((line) => console.error(line));
  const results: Result[] = [];
  for (const scenario of scenarios) {
    const result = await measure(scenario, options, stores);
    results.push(result);
    const path = keepResult(result);
    if (!json) show(result);
    console.error(`· ${path}${whyNotKept(result) ? ` (not to be published: ${whyNotKept(result)})` : ""}`);
    for (const { system, variant, round, faults } of result.runs) {
      if (faults.length === 0) continue;
      process.exitCode = 1;
      console.error(`✗ ${system} ${variant}, round ${round}: ${faults.length} faults`);
      for (const fault of faults.slice(0, SHOWN_FAULTS)) console.error(`  ${fault}`);
    }
  }
  if (json) console.log(JSON.stringify(results.length === 1 ? results[0] : results, null, 1));
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
try {
  await run(process.argv.slice(2));
} catch (error) {
  reportProblem(error);
  process.exitCode = 1;
}
