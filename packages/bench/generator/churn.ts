import { setTimeout as sleep } from "node:timers/promises";
import type { Histogram } from "hdr-histogram-js";
import type { Client, Person } from "./client.ts";
import { nowMs } from "./clock.ts";
import { createHistogram, type PackedHistogram, pack, recordMs } from "./latency.ts";
import { createRandom, nextGapMs } from "./random.ts";
import { connectAll, createClients } from "./swarm.ts";

export interface ChurnPlan {
  people: Person[];
  /** By index: who stays and watches, and who comes and goes. */
  groups: { watchers: number[]; comers: number[] }[];
  /** Comings and goings a second, of all together. */
  perSecond: number;
  seed: number;
}

export interface ChurnReport {
  transitions: number;
  /** Times that a watcher was told what was true then. */
  heard: number;
  /** From coming or going to each watcher's knowing. */
  latency: PackedHistogram;
  faults: string[];
}

interface Comer {
  client: Client;
  watchers: Client[];
  online: boolean;
  changedMs: number;
  /** Watchers who know how it is. */
  knowing: Set<number>;
}

interface Shown {
  presences: { userId: string; status: string }[];
}

/** Long enough for one change to be told before the next: told are at most one a second. */
const REST_MS = 4000;
const FINISH_MS = 60_000;
const CONNECT = { concurrency: 50, deadlineMs: 60_000 };

/** People who come and go before the eyes of others. */
export class Churn {
  readonly #plan: ChurnPlan;
  readonly #clients: Client[];
  readonly #comers = new Map<string, Comer>();
  readonly #latency: Histogram = createHistogram();
  readonly #faults: string[] = [];
  readonly #moves: Promise<unknown>[] = [];
  #transitions = 0;
  #heard = 0;

  constructor(plan: ChurnPlan) {
    this.#plan = plan;
    this.#clients = createClients(plan.people, {
      onEvent: (client, name, json) => {
        if (name === "presence:changed") this.#hear(client, json);
      },
      onAck: () => {},
      onLost: (client, why) =>
        void this.#faults.push(`person ${client.person.index} was disconnected: ${why}`),
    });
    const byIndex = new Map(this.#clients.map((client) => [client.person.index, client]));
    const find = (index: number) => byIndex.get(index) as Client;
    for (const { watchers, comers } of plan.groups) {
      for (const client of comers.map(find)) {
        const knowing = new Set(watchers);
        const comer = { client, watchers: watchers.map(find), online: true, changedMs: 0, knowing };
        this.#comers.set(client.person.userId, comer);
      }
    }
  }

  async connect(): Promise<void> {
    await connectAll(this.#clients, CONNECT);
    const watched = Map.groupBy(
      [...this.#comers.values()].flatMap(({ client, watchers }) =>
        watchers.map((watcher) => ({ watcher, userId: client.person.userId })),
      ),
      ({ watcher }) => watcher,
    );
    for (const [watcher, list] of watched) {
      const userIds = list.map(({ userId }) => userId);
      const answer = await watcher.request("presence:watch", JSON.stringify({ userIds }));
      const { presences } = JSON.parse(answer) as Shown;
      if (presences?.length !== userIds.length) this.#faults.push(`watching was answered with ${answer}`);
    }
  }

  async run(ms: number): Promise<void> {
    const random = createRandom(this.#plan.seed);
    const comers = [...this.#comers.values()];
    const endMs = nowMs() + ms;
    for (let dueMs = nowMs(); ; ) {
      dueMs += nextGapMs(random, this.#plan.perSecond);
      if (dueMs > endMs) break;
      if (dueMs > nowMs()) await sleep(dueMs - nowMs());
      const rested = comers.filter(({ changedMs }) => changedMs + REST_MS < nowMs());
      const comer = rested[Math.floor(random() * rested.length)];
      if (comer) this.#moves.push(this.#move(comer));
    }
  }

  async finish(): Promise<ChurnReport> {
    await Promise.all(this.#moves);
    const untilMs = nowMs() + FINISH_MS;
    const unknown = () =>
      [...this.#comers.values()].reduce((sum, one) => sum + one.watchers.length - one.knowing.size, 0);
    while (unknown() > 0 && nowMs() < untilMs) await sleep(50);
    if (unknown() > 0) this.#faults.push(`${unknown()} times somebody does not know who is there`);
    for (const client of this.#clients) client.leave();
    const { latency, ...counts } = {
      latency: pack(this.#latency),
      transitions: this.#transitions,
      heard: this.#heard,
    };
    return { ...counts, latency, faults: this.#faults };
  }

  async #move(comer: Comer): Promise<void> {
    comer.online = !comer.online;
    comer.changedMs = nowMs();
    comer.knowing.clear();
    this.#transitions += 1;
    if (comer.online) await connectAll([comer.client], CONNECT);
    else comer.client.leave();
  }

  #hear(watcher: Client, json: string): void {
    for (const { userId, status } of (JSON.parse(json) as Shown).presences) {
      const comer = this.#comers.get(userId);
      if (!comer || (status !== "offline") !== comer.online || comer.knowing.has(watcher.person.index))
        continue;
      comer.knowing.add(watcher.person.index);
      this.#heard += 1;
      recordMs(this.#latency, nowMs() - comer.changedMs);
    }
  }
}
