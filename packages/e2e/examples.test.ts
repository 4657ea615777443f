/** Every example of the SDK does what its words say, against the whole. */
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { insertServiceToken, until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signUpAndIn } from "../sdk/examples/accounts.ts";
import * as connection from "../sdk/examples/connection.ts";
import * as conversations from "../sdk/examples/conversations.ts";
import * as messages from "../sdk/examples/messages.ts";
import * as moderation from "../sdk/examples/moderation.ts";
import * as people from "../sdk/examples/people.ts";
import * as reading from "../sdk/examples/reading.ts";
import { publishOrders } from "../sdk/examples/services.ts";
import type { Stage } from "../sdk/examples/stage.ts";
import * as threads from "../sdk/examples/threads.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import { examplesIn } from "./docs/sdk-examples.ts";
import { address, online, signUp } from "./people.ts";

const RUNS: Record<string, [run: (stage: Stage) => Promise<unknown>, result: unknown]> = {
  signUpAndIn: [
    signUpAndIn,
    { me: { displayName: "Ida" }, token: expect.any(String), user: { displayName: "Ida" } },
  ],
  connectAndLeave: [
    connection.connectAndLeave,
    { state: "online", me: { displayName: "alice" }, left: "idle" },
  ],
  listen: [connection.listen, ["ping"]],
  callRest: [connection.callRest, 0],
  seeWhatWaits: [connection.seeWhatWaits, { isSame: true, body: "from the tunnel" }],
  listConversations: [conversations.listConversations, true],
  runAGroup: [conversations.runAGroup, { title: "Lunch at noon", roles: ["admin", "moderator"] }],
  say: [messages.say, "Hello"],
  read: [messages.read, 0],
  changeAMessage: [messages.changeAMessage, { body: "Meet at ten", mine: true, pinned: 1 }],
  handleFailure: [messages.handleFailure, { code: "too_large", state: "failed" }],
  moveThroughHistory: [messages.moveThroughHistory, { last: "the last line", atLatest: true }],
  type: [messages.type, { typing: 1, mine: 0 }],
  answerInAThread: [threads.answerInAThread, { rootId: true, bodies: ["Lisbon", "By train?"] }],
  followThreads: [threads.followThreads, [[true], 0]],
  keepADraft: [threads.keepADraft, { body: "I was about to s", cleared: "", other: "Well, …" }],
  markReadAndUnread: [reading.markReadAndUnread, 1],
  seeReaders: [reading.seeReaders, { readCount: 1, isFriend: true }],
  arrangeForYourself: [reading.arrangeForYourself, true],
  search: [searchWhatIsThere, "harbour"],
  seeEarlierVersions: [reading.seeEarlierVersions, ["No dogs", "Dogs on a lead"]],
  blockSomebody: [moderation.blockSomebody, { refused: "peer_blocked", blocked: [true] }],
  setTheRules: [moderation.setTheRules, { history: "joining", announcement: false, slowModeSeconds: 30 }],
  reportAndDecide: [moderation.reportAndDecide, { said: "Cheap watches!", state: "resolved" }],
  banSomebody: [moderation.banSomebody, { bans: ["Advertising"], audit: ["ban_lifted", "member_banned"] }],
  findPeople: [people.findPeople, true],
  changeProfile: [people.changeProfile, "https://example.com/ada.png"],
  setAStatus: [people.setAStatus, "At lunch"],
  followPresence: [people.followPresence, { status: "online", custom: null }],
};

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 1 });
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

async function setStage(cleanup: AsyncDisposableStack): Promise<Stage> {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const [chat, friend] = [await online(alice), await online(bo)];
  const conversationId = await chat.openDirect(bo.userId);
  await until(() => friend.conversations.getSnapshot().items.some((item) => item.id === conversationId));
  const url = address(cluster, 0);
  return { url, fetchToken: alice.token, chat, friend, friendId: bo.userId, conversationId };
}

/** Words are found once they are in the index. */
async function searchWhatIsThere(stage: Stage) {
  const room = stage.chat.conversation(stage.conversationId);
  await room.send({ body: "The harbour opens at nine" }).delivered;
  const found = () => stage.friend.search("harbour", { conversationId: room.id });
  await until(async () => (await found()).items.length > 0, { describe: () => "the words are in the index" });
  return reading.search(stage);
}

describe("the example", () => {
  it.each(Object.entries(RUNS))("%s", async (_name, [run, result]) => {
    await using cleanup = new AsyncDisposableStack();
    const done = await run(await setStage(cleanup));
    if (typeof result === "object") expect(done).toMatchObject(result as object);
    else expect(done).toEqual(result);
  });

  it("publishOrders", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { url, conversationId } = await setStage(cleanup);
    const token = await insertServiceToken(cluster.stores, { name: "orders" });
    expect(await publishOrders(url, token, conversationId)).toEqual([1, 2]);
    expect(await publishOrders(url, token, conversationId)).toEqual([1, 2]);
  });
});

it("runs all of them", () => {
  const folder = resolve(import.meta.dirname, "../sdk/examples");
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  const named = files.flatMap((name) => examplesIn(join(folder, name)).map((example) => example.name));
  // `embed` has a test of its own.
  expect(named.sort()).toEqual([...Object.keys(RUNS), "publishOrders", "embed"].sort());
});
