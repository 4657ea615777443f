import type { DrivePlan, DriveReport } from "../generator/drive.ts";
import { merge, percentiles } from "../generator/latency.ts";
import type { PaceOptions } from "../generator/pace.ts";
import type { Bench, Run } from "./bench.ts";
import { violations } from "./checker.ts";
import { type Counters, difference, readCounters } from "./counters.ts";
import { Generator } from "./generators.ts";
import { readStored, wrongWatermarks } from "./stored.ts";
import type { System } from "./system.ts";
import { countersPer, cpuPer, openWindow, type Used } from "./window.ts";
import type { Conversation, World } from "./world.ts";

export interface SendingTest {
  variant: string;
  round: number;
  world: World;
  pace: PaceOptions;
  /** Which members of a conversation are connected, and which of those write. */
  present?: (conversation: Conversation) => number[];
  senders?: (conversation: Conversation) => number[];
  receipts?: boolean;
}

const CONNECT = { concurrency: 50, deadlineMs: 60_000 };
const FINISH_MS = 60_000;

/** People write to each other, and what came of it is measured and checked. */
export async function measureSending(bench: Bench, system: System, test: SendingTest): Promise<Run> {
  const { options, stores, say } = bench;
  say(`· ${system.name} ${test.variant}, round ${test.round}`);
  await using stack = new AsyncDisposableStack();
  const generators = Array.from({ length: options.generators }, () => stack.use(new Generator()));
  const plans = planOf(system, test, options);
  await Promise.all(generators.map((generator, index) => generator.call("drive", plans[index] as DrivePlan)));
  await Promise.all(generators.map((generator) => generator.call("driveConnect", CONNECT)));
  const countersBefore = await readCounters(stores, system);
  await Promise.all(generators.map((generator) => generator.call("driveStart")));
  const wait = (seconds: number) =>
    Promise.all(generators.map((generator) => generator.call("driveWait", { ms: seconds * 1000 })));
  await wait(options.warmupSeconds);
  const closeWindow = openWindow(
    system,
    generators.map(({ pid }) => pid),
  );
  await Promise.all(generators.map((generator) => generator.call("driveOpenWindow")));
  await wait(options.seconds);
  await Promise.all(generators.map((generator) => generator.call("driveCloseWindow")));
  const used = closeWindow();
  const reports = await Promise.all(
    generators.map((generator) => generator.call("driveFinish", { deadlineMs: FINISH_MS })),
  );
  const counters = difference(await readCounters(stores, system), countersBefore);
  const faults = await judge(system, test, reports);
  await Promise.all(generators.map((generator) => generator.call("driveLeave")));
  const { variant, round } = test;
  const values = valuesOf(reports, used, counters);
  return { system: system.name, variant, round, values, faults, foreignShare: used.foreignShare };
}

const everybody = ({ members }: Conversation): number[] => members;

/** A plan for each process of the generator: whole conversations, with their people. */
function planOf(
  system: System,
  test: SendingTest,
  { generators, bodyBytes }: { generators: number; bodyBytes: number },
): DrivePlan[] {
  const { world, present = everybody, senders = present, receipts = false } = test;
  return Array.from({ length: generators }, (_, part) => {
    const conversations = world.conversations.filter((_conversation, index) => index % generators === part);
    const talks = conversations.map((conversation) => ({
      id: conversation.id,
      members: present(conversation),
      senders: senders(conversation),
    }));
    const indexes = new Set(talks.flatMap(({ members }) => members));
    const people = world.people.filter(({ index }) => indexes.has(index));
    const pace =
      test.pace.kind === "open"
        ? { ...test.pace, perSecond: test.pace.perSecond / generators, seed: test.pace.seed + part }
        : test.pace;
    return { people, talks, pace, bodyBytes, promises: system.promises, receipts };
  });
}

async function judge(system: System, test: SendingTest, reports: DriveReport[]): Promise<string[]> {
  const { world, present = everybody } = test;
  const testimonies = reports.map(({ testimony }) => testimony);
  const stored = await readStored(system, world);
  const faults = testimonies.flatMap((one) => one.faults);
  faults.push(
    ...violations({
      stored,
      acked: new Map(testimonies.flatMap(({ acked }) => [...acked])),
      open: new Map(testimonies.flatMap(({ open }) => [...open])),
      heard: testimonies.flatMap(({ heard }) => heard),
      listeners: world.conversations.flatMap((conversation) =>
        present(conversation).map((listener) => ({ listener, conversationId: conversation.id })),
      ),
      promises: system.promises,
    }),
  );
  if (test.receipts) {
    faults.push(
      ...(await wrongWatermarks(
        system,
        world.conversations.flatMap(({ id, members }) =>
          members.map((index) => ({
            conversationId: id,
            userId: world.people[index]?.userId as string,
            readSeq: stored.get(id)?.findLast(({ sender }) => sender !== index)?.seq ?? 0,
          })),
        ),
      )),
    );
  }
  return faults;
}

const ackedInAll = ({ testimony }: DriveReport): number =>
  [...testimony.acked.values()].reduce((all, flat) => all + flat.length / 3, 0);

const heardInAll = ({ testimony }: DriveReport): number =>
  testimony.heard.reduce((all, { count }) => all + count, 0);

function valuesOf(reports: DriveReport[], used: Used, counters: Counters): Record<string, number> {
  const sum = (read: (report: DriveReport) => number) =>
    reports.reduce((all, report) => all + read(report), 0);
  const acked = sum((report) => report.acked);
  const delivered = sum((report) => report.delivered);
  const refused = sum((report) => Object.values(report.refused).reduce((all, count) => all + count, 0));
  const gatewayUs = used.cpuUs.gateway ?? used.cpuUs.seed ?? 0;
  return {
    messagesPerSecond: acked / used.seconds,
    deliveriesPerSecond: delivered / used.seconds,
    ...cpuPer("Message", acked, used),
    ...countersPer("Message", sum(ackedInAll), counters),
    deliveriesPerGatewayCoreSecond: (delivered * 1e6) / gatewayUs,
    deliveredBytesPerDelivery: sum((report) => report.deliveredBytes) / delivered,
    ...percentiles("ack", merge(reports.map(({ ackLatency }) => ackLatency))),
    ...percentiles("delivery", merge(reports.map(({ deliveryLatency }) => deliveryLatency))),
    ...percentiles("generatorLag", merge(reports.map(({ lag }) => lag))),
    receiptsPerMessage: sum((report) => report.receiptsSent) / acked,
    refused,
    outOfOrderPerThousand: (1000 * sum(({ testimony }) => testimony.disordered)) / sum(heardInAll),
    overCapacity: reports.some(({ overCapacity }) => overCapacity) ? 1 : 0,
  };
}
