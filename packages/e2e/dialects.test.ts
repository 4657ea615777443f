import { afterAll, beforeAll, describe, it } from "vitest";
import { type Cluster, startCluster } from "./cluster.ts";
import { directTalk, everybodyShows, everybodyTalks, groupTalk, oneLeaves } from "./dialects/mixed.ts";

describe.each([1, 3])("clients of all dialects and native ones, on %i gateways", (gateways) => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gateways });
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  it("talk in a direct conversation in which both people hold all of them", async () => {
    await using cleanup = new AsyncDisposableStack();
    const talk = await directTalk(cluster, cleanup);
    await everybodyTalks(talk);
    await everybodyShows(talk);
  });

  it("talk in a group with one person for each", async () => {
    await using cleanup = new AsyncDisposableStack();
    const talk = await groupTalk(cluster, cleanup);
    await everybodyTalks(talk);
    await everybodyShows(talk);
    await oneLeaves(talk);
  });
});
