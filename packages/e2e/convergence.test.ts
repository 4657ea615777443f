import { createRandom } from "@confab/testkit";
import { expect, it } from "vitest";
import { differences } from "./convergence/compare.ts";
import { OPERATION_NAMES } from "./convergence/operations.ts";
import { ageOwn, nothingOwn, type OwnSnapshot } from "./convergence/own.ts";
import { createWorld, runOperations, settle, type World } from "./convergence/run.ts";
import {
  ageSnapshot,
  foldSync,
  readByRest,
  type Snapshot,
  takeOwn,
  takeSnapshot,
} from "./convergence/server.ts";
import { readTables, seenBy } from "./convergence/truth.ts";

/** Every device gets its chance from the seed; how they interleave is the machine's. */
const SEED = Number(process.env.TEST_SEED ?? 1);
const OPERATIONS = Number(process.env.TEST_OPERATIONS ?? 4000);
const FOLDS_EACH = 3;
/** Where the machine is busy, a run ends here with fewer operations. */
const RUN_MS = 20_000;
const LATE_RECEIPTS_MS = 30_000;

it(`all devices come to show what is stored, whatever was cut meanwhile (TEST_SEED=${SEED})`, {
  timeout: 300_000,
}, async () => {
  await using cleanup = new AsyncDisposableStack();
  const world = await createWorld(cleanup, SEED);
  const log = await runOperations(world, { operations: OPERATIONS, seed: SEED, deadlineMs: RUN_MS });
  await settle(world);

  expect(log.faults).toEqual([]);
  expect(world.devices.flatMap(({ faults }) => faults)).toEqual([]);
  const tried = Object.keys({ ...log.done, ...log.refused }).map((key) => key.split(":")[0]);
  expect(OPERATION_NAMES.filter((name) => !tried.includes(name))).toEqual([]);
  await untilNone(() => wrongByRest(world));
  await untilNone(() => wrongByFolding(world, log.snapshots));
});

/** A receipt may still be on its way when all devices agree already. */
async function untilNone(look: () => Promise<string[]>): Promise<void> {
  const endsAt = performance.now() + LATE_RECEIPTS_MS;
  let wrong = await look();
  // Not with `until`, which gives up a look that takes long.
  while (wrong.length > 0 && performance.now() < endsAt) wrong = await look();
  expect(wrong.slice(0, 20)).toEqual([]);
}

const readersOf = ({ people, cluster }: World) =>
  Promise.all(
    people.map(async (person) => ({
      person,
      reader: { name: person.username, url: cluster.messageUrl, token: await person.token() },
    })),
  );

async function wrongByRest(world: World): Promise<string[]> {
  const tables = await readTables(world.cluster.stores.query);
  const wrong: string[] = [];
  for (const { person, reader } of await readersOf(world)) {
    wrong.push(...differences(await readByRest(reader), seenBy(person.userId, tables)));
  }
  return wrong;
}

/** P4: over what was seen on the way, over older states made up here, and over nothing. */
async function wrongByFolding(
  world: World,
  taken: { person: { userId: string }; conversationId: string; snapshot: Snapshot; own: OwnSnapshot }[],
): Promise<string[]> {
  const random = createRandom(SEED);
  const tables = await readTables(world.cluster.stores.query);
  const wrong: string[] = [];
  for (const { person, reader } of await readersOf(world)) {
    const truth = seenBy(person.userId, tables);
    const fold = async (snapshots: ReadonlyMap<string, Snapshot>, before: OwnSnapshot) => {
      const { name, conversations } = await foldSync(reader, snapshots, before);
      const inOrder = truth.filter(({ id }) => snapshots.has(id));
      const byId = new Map(conversations.map((conversation) => [conversation.id, conversation]));
      const held = inOrder.flatMap(({ id }) => byId.get(id) ?? []);
      wrong.push(...differences({ name, conversations: held }, inOrder));
    };
    for (const { person: photographer, conversationId, snapshot, own } of taken) {
      if (photographer.userId === person.userId) await fold(new Map([[conversationId, snapshot]]), own);
    }
    const own = await takeOwn(reader);
    const present = new Map<string, Snapshot>();
    for (const { id } of truth) present.set(id, await takeSnapshot(reader, id));
    for (let round = 0; round < FOLDS_EACH; round++) {
      const older = ageOwn(own, random);
      const later = (id: string) =>
        [...own.hidden].filter(([place, row]) => row.conversationId === id && !older.hidden.has(place));
      const aged = [...present].map(([id, snapshot]): [string, Snapshot] => [
        id,
        ageSnapshot(
          snapshot,
          random,
          later(id).map(([, row]) => row),
        ),
      ]);
      await fold(new Map(aged), older);
    }
    await fold(new Map([...present].map(([id]) => [id, { cursor: 0, messages: new Map() }])), nothingOwn());
  }
  return wrong;
}
