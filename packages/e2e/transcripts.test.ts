import { DIALECTS } from "@confab/contract/internal";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster } from "./cluster.ts";
import { SEED_EVENTS } from "./transcripts/events.ts";
import { TRANSCRIPTS } from "./transcripts/index.ts";
import { play } from "./transcripts/play.ts";

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
