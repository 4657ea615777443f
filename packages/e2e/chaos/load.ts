import type { ChatClient } from "@confab/sdk";
import { createRandom, until } from "@confab/testkit";
import { expect } from "vitest";
import { online, type Person, signUp } from "../people.ts";
import { openOn, shown } from "../timeline.ts";
import { momentaryFaults, type Run, type Screen, violations } from "./checker.ts";
import { Observer } from "./observer.ts";
import type { ProcessCluster } from "./process-cluster.ts";

interface Sender {
  person: Person;
  chat: ChatClient;
}

export interface Load {
  people: Sender[];
  /** Conversations that everybody below writes to: a group of all, and each person's direct one with the next. */
  conversationIds: string[];
  /** Messages acknowledged so far. */
  acknowledged(): number;
  /** Waits until so many more are acknowledged: the fault is over, or has not hurt yet. */
  progress(more: number): Promise<void>;
  /** Ends sending, waits until every screen shows what is stored, and judges the run. */
  finish(): Promise<void>;
}

const PAUSE_MS = 60;

/** People who write to each other without a pause, and see what they see, until the test says it is enough. */
export async function startLoad(
  cluster: ProcessCluster,
  cleanup: AsyncDisposableStack,
  options: { people: number; seed: number },
): Promise<Load> {
  const random = createRandom(options.seed);
  const observer = cleanup.use(new Observer(cluster.databaseUrl));
  const people: Sender[] = [];
  for (let index = 0; index < options.people; index++) {
    const person = await signUp(cluster, cleanup, `person${index}`);
    people.push({ person, chat: await online(person) });
  }
  const absent = await signUp(cluster, cleanup, "absent");
  const [first] = people as [Sender];
  const groupId = await first.chat.createGroup({
    title: "everybody",
    memberIds: [absent, ...people.slice(1).map(({ person }) => person)].map(({ userId }) => userId),
  });
  const directIds = await Promise.all(
    people.map(({ chat }, index) =>
      chat.openDirect((people[(index + 1) % people.length] as Sender).person.userId),
    ),
  );
  const writableBy = (index: number): string[] => [
    groupId,
    directIds[index] as string,
    directIds[(index + people.length - 1) % people.length] as string,
  ];

  const screens: Screen[] = [];
  for (const [index, { chat, person }] of people.entries()) {
    for (const conversationId of new Set(writableBy(index))) {
      await openOn(chat, conversationId, cleanup, { autoRead: true });
      screens.push(watchScreen(chat, person.username, conversationId, cleanup));
    }
  }

  const run: Run = {
    acked: [],
    invoked: new Set(),
    stored: [],
    screens,
    watermarks: observer.watermarks,
    effects: [],
    absent: [{ userId: absent.userId, conversationId: groupId }],
  };
  const failures: string[] = [];
  let sending = true;
  const pending = new Set<Promise<unknown>>();
  const send = (index: number, number: number) => {
    const choices = writableBy(index);
    const conversationId = random.pick(choices);
    const body = `${index}/${number}`;
    const sent = (people[index] as Sender).chat.conversation(conversationId).send({ body });
    run.invoked.add(sent.clientMessageId);
    const settled = sent.delivered.then(
      ({ id, seq }) =>
        void run.acked.push({ clientMessageId: sent.clientMessageId, conversationId, id, seq, body }),
      (error) => void failures.push(`refused: ${error.code} ${error.reason}`),
    );
    pending.add(settled);
    void settled.finally(() => pending.delete(settled));
  };
  const writer = async (index: number) => {
    for (let number = 0; sending; number++) {
      send(index, number);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (0.5 + random.next())));
    }
  };
  const writers = people.map((_, index) => writer(index));
  cleanup.defer(() => {
    sending = false;
  });
  observer.start();

  const progress = async (more: number): Promise<void> => {
    const target = run.acked.length + more;
    await until(() => run.acked.length >= target, {
      timeoutMs: 60_000,
      describe: () =>
        `${target} acknowledged; ${run.acked.length} are, ${pending.size} wait\n${cluster.log.slice(-10).join("\n")}`,
    });
  };
  return {
    people,
    conversationIds: [groupId, ...new Set(directIds)],
    acknowledged: () => run.acked.length,
    progress,
    async finish() {
      sending = false;
      await Promise.all(writers);
      await until(() => pending.size === 0, {
        timeoutMs: 60_000,
        describe: () => `${pending.size} sends unanswered`,
      });
      expect(failures).toEqual([]);
      await observer.stop();
      const judge = async () => {
        run.stored = await observer.messages();
        run.effects = await observer.effects();
        for (const screen of screens) screen.messages = screenOf(people, screen);
        return violations(run);
      };
      // Whoever lost something at the fault heals within a minute (design.md 3.5); what is wrong then, is wrong.
      await until(async () => (await judge()).length === 0, {
        timeoutMs: 90_000,
        everyMs: 500,
        describe: () => `seed ${options.seed}: ${violations(run).slice(0, 10).join("\n")}`,
      });
      expect(run.acked.length).toBe(run.invoked.size);
    },
  };
}

const screenOf = (people: Sender[], screen: Screen): Screen["messages"] => {
  const sender = people.find(({ person }) => person.username === screen.device);
  return sender ? shown(sender.chat, screen.conversationId) : [];
};

/** Looks at every change of what a device shows: a wrong order is wrong even if it lasts a moment. */
function watchScreen(
  chat: ChatClient,
  device: string,
  conversationId: string,
  cleanup: AsyncDisposableStack,
): Screen {
  const screen: Screen = { device, conversationId, messages: [], regressions: [] };
  const messages = chat.conversation(conversationId).messages;
  const look = () => {
    for (const fault of momentaryFaults(messages.getSnapshot().items)) {
      if (screen.regressions.length < 10) screen.regressions.push(`${device} in ${conversationId}: ${fault}`);
    }
  };
  cleanup.defer(messages.subscribe(look));
  return screen;
}
