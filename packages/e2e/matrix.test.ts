/**
 * P9: who may do what, over the socket and over REST, which must answer alike. The columns are the roles of a group,
 * and those whom it does not concern: somebody who left, a stranger, somebody who is blocked by whoever it is about.
 */
import { COMMANDS as COMMANDS_OF_CONTRACT, type CommandName } from "@confab/contract";
import { insertMessages } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster } from "./cluster.ts";
import { type Actor, assemble, type Cast, createScene, type Scene, WHO } from "./matrix/cast.ts";
import { COMMANDS, type Command, type Outcome } from "./matrix/commands.ts";
import { signUp } from "./people.ts";
import { rest } from "./rest.ts";

let cluster: Cluster;
let actors: Cast;
const cleanup = new AsyncDisposableStack();

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2 });
  actors = await assemble(cluster, cleanup);
});
afterAll(async () => {
  await cleanup.disposeAsync();
  await cluster?.[Symbol.asyncDispose]();
});

async function overSocket({ socket }: Actor, [name, payload]: [CommandName, object]): Promise<Outcome> {
  const answer = await socket.timeout(10_000).emitWithAck(name, payload);
  return answer.ok ? "ok" : `${answer.error.code}:${answer.error.reason}`;
}
async function overRest(reply: ReturnType<Command["rest"]>): Promise<Outcome> {
  const { status, body } = await reply;
  return status < 300 ? "ok" : `${body?.code}:${body?.reason}`;
}

describe.each(Object.entries(COMMANDS))("to %s", (_name, command) => {
  it.each(WHO)("as %s", async (who) => {
    const isMember = who !== "former" && who !== "stranger";
    const expected =
      command.may[who] ??
      (isMember ? command.may["*"] : undefined) ??
      `not_found:${command.hidden ?? "conversation"}`;
    const actor = actors[who];
    expect(await overRest(command.rest(await createScene(cluster, actors, who), actor))).toBe(expected);
    if (command.socket) {
      expect(await overSocket(actor, command.socket(await createScene(cluster, actors, who)))).toBe(expected);
    }
  });
});

it("has every command that is about a conversation, a message or a report of it", () => {
  const ids = ["conversationId", "ownId", "othersId", "otherId", "adminId", "strangerId", "reportId"];
  const scene = Object.fromEntries(ids.map((id) => [id, "1"])) as unknown as Scene;
  const covered = Object.values(COMMANDS).flatMap((command) => command.socket?.(scene)[0] ?? []);
  // Of oneself alone, of people, or of all conversations that are one's own; typing has no answer.
  const others: CommandName[] = [
    ...(["conversation:create", "conversation:sync", "conversation:heads", "receipt:readAll"] as const),
    ...(["typing:start", "typing:stop", "personal:sync", "thread:list"] as const),
    ...(["activity:set", "presence:watch", "presence:unwatch", "status:set", "auth:refresh"] as const),
    ...(["user:block", "user:unblock"] as const),
  ];
  expect([...new Set([...covered, ...others])].sort()).toEqual(Object.keys(COMMANDS_OF_CONTRACT).sort());
});

describe("what is not there", () => {
  const nowhere: Scene = {
    conversationId: "9007199254740991",
    ownId: "9007199254740991",
    othersId: "9007199254740991",
    otherId: "nobody",
    adminId: "nobody",
    strangerId: "nobody",
    reportId: "999999999",
  };
  it.each(Object.entries(COMMANDS))("is answered as what is not theirs: %s", async (_name, command) => {
    const { stranger } = actors;
    const missing = `not_found:${command.hidden ?? "conversation"}`;
    expect(await overRest(command.rest(nowhere, stranger))).toBe(missing);
    if (command.socket) expect(await overSocket(stranger, command.socket(nowhere))).toBe(missing);
  });
});

it("says nothing of a conversation to those outside, whatever they ask", async () => {
  for (const who of ["former", "stranger"] as const) {
    const { conversationId } = await createScene(cluster, actors, who);
    const { call, socket } = actors[who];
    const cursors = { [conversationId]: 0 };
    const unknown = { conversations: [], unknown: [conversationId] };
    expect((await call.post("/v1/sync", { cursors })).body).toEqual(unknown);
    expect(await socket.emitWithAck("conversation:sync", { cursors })).toMatchObject({
      ok: true,
      ...unknown,
    });
    const heads = (await socket.emitWithAck("conversation:heads", {})).heads as { conversationId: string }[];
    expect(heads.map((head) => head.conversationId)).not.toContain(conversationId);
    const listed = (await call.get("/v1/conversations?limit=100")).body.items as { id: string }[];
    expect(listed.map(({ id }) => id)).not.toContain(conversationId);
  }
});

describe("somebody who is blocked", () => {
  const DIRECT = [
    "send",
    "answer a message",
    "edit one's own",
    "hide a message",
    "react",
    "pin",
    "mark as read",
    "report",
  ];

  async function createDirect(): Promise<Scene> {
    const person = await signUp(cluster, cleanup, "blocker");
    const call = rest(cluster.messageUrl, await person.token());
    const body = { kind: "direct", userId: actors.member.userId };
    const { id } = (await call.post("/v1/conversations", body)).body;
    const say = async (senderId: string) =>
      (await insertMessages(cluster.stores, { conversationId: id, senderId, count: 1 }))[0] as string;
    const scene = {
      conversationId: id,
      ownId: await say(actors.member.userId),
      othersId: await say(person.userId),
      otherId: person.userId,
      adminId: person.userId,
      strangerId: actors.stranger.userId,
      reportId: "1",
    };
    await call.put(`/v1/blocks/${actors.member.userId}`);
    return scene;
  }

  it.each(DIRECT)("is answered as if nothing were the matter: %s", async (name) => {
    const command = COMMANDS[name] as Command;
    expect(await overRest(command.rest(await createDirect(), actors.member))).toBe("ok");
    if (command.socket)
      expect(await overSocket(actors.member, command.socket(await createDirect()))).toBe("ok");
  });
});
