import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { DIALECTS } from "@confab/contract/internal";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster } from "./cluster.ts";
import { SEED_EVENTS } from "./transcripts/events.ts";
import { TRANSCRIPTS } from "./transcripts/index.ts";
import { play } from "./transcripts/play.ts";

/** Socket.IO's own event; an error's reason; kinds of changes. */
const NATIVE_TOO = new Set(["connect_error", "message_deleted", "reaction_added", "reaction_removed"]);

describe.each([1, 3])("on %i gateways", (gateways) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gateways });
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  it.each(TRANSCRIPTS)("a front end of $seed is understood, and understands", async (transcript) => {
    await using cleanup = new AsyncDisposableStack();
    await play(cluster, cleanup, transcript);
  });
});

it.each(DIALECTS)(
  "every event of $name is in its transcript, and every word of its table is one of them",
  ({ name, words }) => {
    const steps = TRANSCRIPTS.find(({ seed }) => seed === name)?.steps ?? [];
    const said = new Set(steps.flatMap((step) => ("emit" in step ? step.emit : [])));
    const heard = new Set(
      steps.flatMap((step) => ("hear" in step ? step.hear : "refused" in step ? "connect_error" : [])),
    );
    const { says = [], hears = [] } = SEED_EVENTS[name] ?? {};
    expect([...said].sort()).toEqual([...says].sort());
    expect(hears.filter((event) => !heard.has(event))).toEqual([]);
    expect(Object.keys(words).sort()).toEqual([...says].sort());
  },
);

it("the words of the seeds stand in their tables and nowhere else in what is deployed", () => {
  const root = resolve(import.meta.dirname, "../..");
  const words = Object.values(SEED_EVENTS)
    .flatMap(({ says, hears }) => [...says, ...hears])
    // `typing` and `error` are words of everybody, and some others mean something in Confab, too.
    .filter((name) => /[A-Z_:]/.test(name) && !NATIVE_TOO.has(name));
  const found = ["services", "packages/contract/src", "packages/runtime/src"].flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .filter((path) => !/node_modules|dist\/|\/test\/|internal\/dialects\//.test(path))
      .flatMap((path) => {
        const text = readFileSync(join(root, path), "utf8");
        return words.filter((name) => text.includes(`"${name}"`)).map((name) => `${path}: ${name}`);
      }),
  );
  expect(found).toEqual([]);
});
