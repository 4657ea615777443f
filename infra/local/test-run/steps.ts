import { parseArgs } from "node:util";
import { Problem } from "../problem.mjs";

export interface Step {
  name: string;
  title: string;
  command: string[];
  /** Runs tests, whose results are counted. */
  isSuite?: boolean;
  needs?: ("stores" | "chromium")[];
}

const suite = (name: string, title: string, needs: Step["needs"] = []): Step => ({
  name,
  title,
  command: ["vitest", "run", "--project", name],
  isSuite: true,
  needs,
});

/** What `npm test` does, in this order: what is cheap and fails often comes first. */
export const STEPS: Step[] = [
  {
    name: "generate",
    title: "Generated code",
    command: ["turbo", "run", "generate", "--output-logs=errors-only"],
  },
  { name: "types", title: "Types", command: ["tsc", "-b"] },
  { name: "lint", title: "Lint and format", command: ["biome", "ci", "."] },
  suite("unit", "Unit tests"),
  suite("int", "Services on real stores", ["stores"]),
  { name: "web", title: "Web client build", command: ["pnpm", "--filter", "@confab/web", "build"] },
  suite("e2e", "The whole, end to end", ["stores"]),
  suite("browser", "The web client in a browser", ["stores", "chromium"]),
  suite("chaos", "Killed nodes, stores and lines", ["stores"]),
];

export const USAGE = `usage: npm test -- [step …] [--keep-going]\nsteps, in order: ${STEPS.map(({ name }) => name).join(" ")}`;

/** The steps that the command line asks for; all of them when it names none. */
export function selectSteps(args: string[]): { steps: Step[]; bail: boolean } {
  const { positionals, values } = readArguments(args);
  const unknown = positionals.find((name) => !STEPS.some((step) => step.name === name));
  if (unknown) throw new Problem(`There is no step "${unknown}".`, USAGE.split("\n"));
  const isWanted = (name: string) => positionals.length === 0 || positionals.includes(name);
  return { steps: STEPS.filter(({ name }) => isWanted(name)), bail: values["keep-going"] !== true };
}

function readArguments(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { "keep-going": { type: "boolean" } } });
  } catch (error) {
    throw new Problem((error as Error).message, USAGE.split("\n"));
  }
}
