import { ChatError } from "@confab/sdk";
import { createRandom, until } from "@confab/testkit";
import { type Person, signUp } from "../people.ts";
import { differences } from "./compare.ts";
import { createDevice, type Device, holdingOf, openOn, unsent } from "./device.ts";
import { attempt, OPERATION_NAMES } from "./operations.ts";
import type { OwnSnapshot } from "./own.ts";
import { type Snapshot, takeOwn, takeSnapshot } from "./server.ts";
import { readTables, seenBy } from "./truth.ts";
import { startFaults, startWiredCluster, type WiredCluster } from "./wires.ts";

const PEOPLE = 6;
const DEVICES_EACH = [3, 2, 2, 2, 2, 1];
const OUTBOX_DEADLINE_MS = 60_000;
/** Whoever lost something heals within a minute (design.md 3.5); the rest is for a busy machine. */
const HEAL_DEADLINE_MS = 90_000;
const SNAPSHOTS = 24;

export interface World extends WiredCluster {
  people: Person[];
  devices: Device[];
}

/** Six people with twelve devices on three gateways, in two groups of all, one of four, and a few direct conversations. */
export async function createWorld(cleanup: AsyncDisposableStack, seed: number): Promise<World> {
  const wired = await startWiredCluster(cleanup);
  const { cluster } = wired;
  const people: Person[] = [];
  for (let index = 0; index < PEOPLE; index++) people.push(await signUp(cluster, cleanup, `person${index}`));
  const devices: Device[] = [];
  for (const [index, person] of people.entries()) {
    for (let number = 0; number < (DEVICES_EACH[index] ?? 1); number++) {
      const name = `person ${index}, device ${number}`;
      const gateway = devices.length % cluster.addresses.length;
      devices.push(
        await createDevice(cluster, cleanup, { name, person, gateway, seed: seed + devices.length }),
      );
    }
  }
  for (const { chat } of devices) chat.connect();
  await until(() => devices.every(isOnline), { describe: "everybody is online", timeoutMs: 30_000 });

  const [first, second] = devices as [Device, Device];
  const ids = people.map(({ userId }) => userId);
  const rooms = [
    await first.chat.createGroup({ title: "everybody", memberIds: ids }),
    await second.chat.createGroup({ title: "also everybody", memberIds: ids }),
    await first.chat.createGroup({ title: "some", memberIds: ids.slice(0, 4) }),
  ];
  for (const userId of ids.slice(1, 4)) rooms.push(await first.chat.openDirect(userId));
  for (const room of rooms) {
    for (const device of devices.filter(({ random }) => random.chance(0.7))) {
      if (device.chat.conversation(room).details.getSnapshot() !== null) openOn(device, room);
    }
  }
  return { ...wired, people, devices };
}

const isOnline = ({ chat }: Device): boolean => chat.connection.getSnapshot().state === "online";

/** What was done, what came of it, and states from along the way. */
export interface Log {
  /** By operation: how often it went through, and how often it was refused for which reason. */
  done: Record<string, number>;
  refused: Record<string, number>;
  /** What must not happen: errors of our own. */
  faults: string[];
  faultCounts: Record<string, number>;
  snapshots: { person: Person; conversationId: string; snapshot: Snapshot; own: OwnSnapshot }[];
}

/** What an operation may be told while others change the same things, and wires fail. */
const EXPECTED = new Set(["invalid", "forbidden", "not_found", "conflict", "unavailable", "timeout"]);

/**
 * So many operations by all devices at once, each device doing one after the other, while wires fail. After the
 * deadline it goes on, for as long again at most, until each kind of operation was tried.
 */
export async function runOperations(
  world: World,
  options: { operations: number; seed: number; deadlineMs: number },
): Promise<Log> {
  const { devices, people, cluster } = world;
  const log: Log = { done: {}, refused: {}, faults: [], faultCounts: {}, snapshots: [] };
  const count = (table: Record<string, number>, key: string) => {
    table[key] = (table[key] ?? 0) + 1;
  };
  const endsAt = performance.now() + options.deadlineMs;
  const userIds = people.map(({ userId }) => userId);
  let left = options.operations;
  const untried = new Set(OPERATION_NAMES);
  const isOver = (): boolean => {
    const now = performance.now();
    return left <= 0 || (now > endsAt && (untried.size === 0 || now > endsAt + options.deadlineMs));
  };

  async function act(device: Device): Promise<void> {
    while (!isOver()) {
      // Offline, people write all the same; for the rest they wait.
      if (!isOnline(device) && device.random.chance(0.9)) {
        await untilOnline(device);
      }
      left -= 1;
      const { name, outcome } = attempt({ device, random: device.random, userIds });
      untried.delete(name);
      try {
        await outcome;
        count(log.done, name);
      } catch (error) {
        if (!(error instanceof ChatError) || !EXPECTED.has(error.code)) log.faults.push(`${name}: ${error}`);
        else count(log.refused, `${name}: ${error.code} ${error.reason}`);
      }
    }
  }

  const untilOnline = (device: Device) =>
    until(() => isOnline(device) || isOver(), {
      timeoutMs: options.deadlineMs * 3,
      describe: `${device.name} is online`,
    });

  async function photograph(): Promise<void> {
    const random = createRandom(options.seed);
    for (let number = 0; number < SNAPSHOTS && left > 0; number++) {
      const due = options.operations * (1 - number / SNAPSHOTS);
      await until(() => left <= due || performance.now() > endsAt, { timeoutMs: options.deadlineMs });
      const person = random.pick(people);
      const reader = { name: person.username, url: cluster.messageUrl, token: await person.token() };
      const tables = seenBy(person.userId, await readTables(cluster.stores.query));
      const conversationId = tables[random.int(0, tables.length - 1)]?.id;
      if (conversationId === undefined) continue;
      const own = await takeOwn(reader);
      // Whoever is put out of the group meanwhile has no picture of it.
      const snapshot = await takeSnapshot(reader, conversationId).catch(() => undefined);
      if (snapshot) log.snapshots.push({ person, conversationId, snapshot, own });
    }
  }

  const wires = [...world.wires, ...devices.map(({ wire }) => wire)];
  const faults = startFaults(wires, options.seed);
  try {
    await Promise.all([...devices.map(act), photograph()]);
  } finally {
    await faults.stop();
  }
  log.faultCounts = faults.counts;
  return log;
}

/** Everybody connects, looks at their device, and sees what is. Throws what is not so in the end. */
export async function settle({ devices, cluster }: World): Promise<void> {
  for (const { chat, attention } of devices) {
    chat.connect();
    attention.look(true);
  }
  await until(() => devices.every((device) => isOnline(device) && unsent(device) === 0), {
    timeoutMs: OUTBOX_DEADLINE_MS,
    describe: () =>
      `all is sent; left: ${devices.map((device) => `${device.name}: ${unsent(device)}`).join(", ")}`,
  });
  let wrong: string[] = [];
  await until(
    async () => {
      const tables = await readTables(cluster.stores.query);
      wrong = devices.flatMap((device) =>
        differences(holdingOf(device), seenBy(device.person.userId, tables)),
      );
      return wrong.length === 0;
    },
    {
      timeoutMs: HEAL_DEADLINE_MS,
      everyMs: 250,
      describe: () => `all devices agree:\n${wrong.slice(0, 20).join("\n")}`,
    },
  );
}
