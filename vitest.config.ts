import { defineConfig } from "vitest/config";

/** Sources run as they are: every import of a workspace package means its TypeScript. */
const conditions = ["@confab/source"];
const resolve = { conditions: [...conditions, "module", "browser", "development|production"] };
const ssr = {
  resolve: {
    conditions: [...conditions, "module", "node", "development|production"],
    externalConditions: conditions,
  },
};

interface Suite {
  name: string;
  include: string[];
  testTimeoutMs: number;
  maxWorkers?: number;
}

/** Tests that need stores share two cores with them, so few files run at once. */
const suites: Suite[] = [
  {
    name: "unit",
    include: [
      "{packages,services}/*/src/**/*.test.{ts,tsx}",
      "infra/local/**/*.test.ts",
      "packages/bench/**/*.test.ts",
    ],
    testTimeoutMs: 20_000,
  },
  {
    name: "int",
    include: ["{packages,services}/*/test/**/*.int.test.ts", "infra/local/test/*.int.test.ts"],
    testTimeoutMs: 60_000,
    maxWorkers: 2,
  },
  { name: "e2e", include: ["packages/e2e/*.test.ts"], testTimeoutMs: 120_000, maxWorkers: 1 },
  { name: "chaos", include: ["packages/e2e/chaos/*.test.ts"], testTimeoutMs: 300_000, maxWorkers: 1 },
  { name: "browser", include: ["packages/e2e/web/*.test.ts"], testTimeoutMs: 120_000, maxWorkers: 1 },
];

export default defineConfig({
  test: {
    projects: suites.map(({ name, include, testTimeoutMs, maxWorkers }) => ({
      resolve,
      ssr,
      test: {
        name,
        include,
        exclude: ["**/node_modules/**", "**/dist/**", ...(name === "int" ? [] : ["**/*.int.test.ts"])],
        testTimeout: testTimeoutMs,
        hookTimeout: testTimeoutMs * 2,
        // As long as `until` waits: a machine may be slow, or stand still for some seconds.
        expect: { poll: { timeout: 15_000 } },
        maxWorkers,
      },
    })),
  },
});
