import { setTimeout as sleep } from "node:timers/promises";
import type { Histogram } from "hdr-histogram-js";
import { Client, type Person, Refused } from "./client.ts";
import { nowMs } from "./clock.ts";
import { Holder } from "./holder.ts";
import { createHistogram, type PackedHistogram, pack, recordMs } from "./latency.ts";
import { Ledger, type Testimony } from "./ledger.ts";
import { createPace, type Pace } from "./pace.ts";
import { createRandom } from "./random.ts";
import { Sending, type Talk } from "./sending.ts";
import { connectAll, createClients } from "./swarm.ts";

export interface StormPlan {
  /** Those who stay connected, and write to the others meanwhile. */
  survivors: Person[];
  /** Those who are cut off all at once, each with a conversation with a survivor (by index). */
  others: { person: Person; conversationId: string; survivor: number }[];
  perSecond: number;
  bodyBytes: number;
  seed: number;
}

export interface StormReport {
  /** From the cut until the last one was back, and held everything that there was. */
  backMs: number;
  /** From the cut to being back and in sync, for each. */
  latency: PackedHistogram;
  refusals: number;
  /** Syncs that were refused or took too long, and were asked for again. */
  failedSyncs: number;
  acked: number;
  ackLatency: PackedHistogram;
  testimony: Testimony;
}

interface Other {
  client: Client;
  holder: Holder;
}

interface Ready {
  heads: { conversationId: string; revision: number }[];
}

const CONNECT = { concurrency: 100, deadlineMs: 120_000 };
/** As our SDK comes back: within a second at first, each time twice as long, at most 30 s, at random. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
const STORM_DEADLINE_MS = 180_000;

/** A network that drops everybody at once, while others go on writing to them. */
export class Storm {
  readonly #ledger = new Ledger({ hearsOwn: true, keepsOrder: true });
  readonly #survivors: Client[];
  readonly #others = new Map<Client, Other>();
  readonly #sending: Sending;
  readonly #pace: Pace;
  readonly #random: () => number;
  readonly #latency: Histogram = createHistogram();
  #refusals = 0;
  #backMs = 0;

  constructor(plan: StormPlan) {
    this.#random = createRandom(plan.seed);
    const onLost = (client: Client, why: string) =>
      this.#ledger.fault(`person ${client.person.index} was disconnected: ${why}`);
    this.#survivors = createClients(plan.survivors, {
      onEvent: (client, name, json) => {
        if (name === "message:created") this.#sending.onMessage(client, json);
      },
      onAck: (client, id, json) => this.#sending.onAck(client, id, json),
      onLost,
    });
    const survivors = new Map(this.#survivors.map((client) => [client.person.index, client]));
    const talks: Talk[] = [];
    for (const { person, conversationId, survivor } of plan.others) {
      const client = new Client(person, {
        onEvent: (from, name, json) => this.#hear(from, name, json),
        onAck: () => {},
        onLost,
      });
      this.#others.set(client, { client, holder: new Holder(client, conversationId) });
      const author = survivors.get(survivor) as Client;
      talks.push({ id: conversationId, members: [author], senders: [author], begun: 0 });
    }
    const { bodyBytes, perSecond, seed } = plan;
    this.#sending = new Sending({ ledger: this.#ledger, hearsOwn: true, bodyBytes, onDone: () => {} });
    this.#pace = createPace({ kind: "open", perSecond, seed }, this.#sending, talks);
  }

  async connect(): Promise<void> {
    await connectAll([...this.#survivors, ...this.#others.keys()], CONNECT);
  }

  /** Cuts everybody off, and waits until all of them are back and in sync. */
  async break(): Promise<void> {
    const startedMs = nowMs();
    this.#sending.openWindow();
    this.#pace.start();
    for (const { client } of this.#others.values()) client.drop();
    await Promise.all([...this.#others.values()].map((other) => this.#comeBack(other, startedMs)));
    this.#backMs = nowMs() - startedMs;
    this.#sending.closeWindow();
  }

  async finish(): Promise<StormReport> {
    this.#pace.stop();
    const untilMs = nowMs() + CONNECT.deadlineMs;
    while (this.#sending.inFlight > 0 && nowMs() < untilMs) await sleep(10);
    const testimony = this.#ledger.testify(this.#sending.open());
    const headOf = (id: string) => (testimony.acked.get(id)?.length ?? 0) / 3;
    const behind = () =>
      [...this.#others.values()].filter(({ holder }) => holder.last < headOf(holder.heard.conversationId))
        .length;
    while (behind() > 0 && nowMs() < untilMs) await sleep(10);
    for (const client of [...this.#survivors, ...this.#others.keys()]) client.leave();
    const held = [...this.#others.values()].map(({ holder }) => holder.heard);
    const { acked, ackLatency } = this.#sending.report();
    return {
      backMs: this.#backMs,
      latency: pack(this.#latency),
      refusals: this.#refusals,
      failedSyncs: [...this.#others.values()].reduce((sum, { holder }) => sum + holder.failures, 0),
      acked,
      ackLatency,
      testimony: { ...testimony, heard: [...testimony.heard, ...held.filter(({ count }) => count > 0)] },
    };
  }

  async #comeBack({ client, holder }: Other, startedMs: number): Promise<void> {
    holder.restart();
    let pauseMs = this.#random() * FIRST_PAUSE_MS;
    for (let failures = 1; ; failures++) {
      await sleep(pauseMs);
      try {
        const ready = JSON.parse(await client.connect()) as Ready;
        await holder.reach(ready.heads[0]?.revision ?? 0);
        recordMs(this.#latency, nowMs() - startedMs);
        return;
      } catch (error) {
        this.#refusals += 1;
        if (!(error instanceof Refused) || nowMs() - startedMs > STORM_DEADLINE_MS) throw error;
        const { retryAfterMs } = error;
        pauseMs = retryAfterMs
          ? retryAfterMs + this.#random() * Math.min(1000, retryAfterMs)
          : this.#random() * Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
      }
    }
  }

  #hear(client: Client, name: string, json: string): void {
    const { holder } = this.#others.get(client) as Other;
    if (name === "message:created") holder.onMessage(JSON.parse(json));
    if (name !== "head") return;
    const { revisions } = JSON.parse(json) as { revisions: Record<string, number> };
    void holder.reach(revisions[holder.heard.conversationId] ?? 0);
  }
}
