import { setTimeout as sleep } from "node:timers/promises";
import type { Client, Person } from "./client.ts";
import { nowMs } from "./clock.ts";
import { numberField, textField } from "./frame.ts";
import { type PackedHistogram, pack } from "./latency.ts";
import { Ledger, type Promises, type Testimony } from "./ledger.ts";
import { createPace, type Pace, type PaceOptions } from "./pace.ts";
import { createReceiptSender, type ReceiptSender } from "./receipts.ts";
import { Sending, type SendingReport, type Talk } from "./sending.ts";
import { type ConnectReport, connectAll, createClients } from "./swarm.ts";

export interface DrivePlan {
  people: Person[];
  /** Members and senders by index of the person; only who connects is named. */
  talks: { id: string; members: number[]; senders: number[] }[];
  pace: PaceOptions;
  bodyBytes: number;
  promises: Promises;
  /** Whoever hears a message marks it as read. */
  receipts: boolean;
}

export interface DriveReport extends SendingReport {
  testimony: Testimony;
  overCapacity: boolean;
  /** How late messages left, by the generator's own doing. */
  lag: PackedHistogram;
  receiptsSent: number;
  /** CPU that this process used in the window. */
  cpuUs: number;
}

/** How often it is looked whether something is over. */
const LOOK_MS = 5;

/** People who write to each other: one run of a plan. */
export class Drive {
  readonly #clients: Client[];
  readonly #ledger: Ledger;
  readonly #sending: Sending;
  readonly #pace: Pace;
  readonly #receipts: ReceiptSender | undefined;
  #cpuBefore = process.cpuUsage();
  #cpuUs = 0;

  constructor(plan: DrivePlan) {
    this.#ledger = new Ledger(plan.promises);
    this.#clients = createClients(plan.people, {
      onEvent: (client, name, json) => {
        if (name === "message:created") this.#hear(client, json);
      },
      onAck: (client, id, json) => this.#sending.onAck(client, id, json),
      onLost: (client, why) => this.#ledger.fault(`person ${client.person.index} was disconnected: ${why}`),
    });
    const byIndex = new Map(this.#clients.map((client) => [client.person.index, client]));
    const find = (indexes: number[]) => indexes.map((index) => byIndex.get(index) as Client);
    const talks: Talk[] = plan.talks.map(({ id, members, senders }) => ({
      id,
      members: find(members),
      senders: find(senders),
      begun: 0,
    }));
    this.#sending = new Sending({
      ledger: this.#ledger,
      hearsOwn: plan.promises.hearsOwn,
      bodyBytes: plan.bodyBytes,
      onDone: (talk, refused) => this.#pace.onDone(talk, refused),
    });
    this.#pace = createPace(plan.pace, this.#sending, talks);
    this.#receipts = plan.receipts ? createReceiptSender((words) => this.#ledger.fault(words)) : undefined;
  }

  connect(concurrency: number, deadlineMs: number): Promise<ConnectReport> {
    return connectAll(this.#clients, { concurrency, deadlineMs });
  }

  start(): void {
    this.#pace.start();
  }

  openWindow(): void {
    this.#cpuBefore = process.cpuUsage();
    this.#sending.openWindow();
  }

  closeWindow(): void {
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    this.#cpuUs = user + system;
    this.#sending.closeWindow();
  }

  /** Waits so long, or until the system is over its capacity. */
  async wait(ms: number): Promise<void> {
    const untilMs = nowMs() + ms;
    while (nowMs() < untilMs && !this.#pace.overCapacity) {
      await sleep(Math.min(untilMs - nowMs(), this.#pace.kind === "open" ? 100 : ms));
    }
  }

  /** Sends no more, and waits until all is acknowledged and heard, at most so long. */
  async finish(deadlineMs: number): Promise<DriveReport> {
    this.#pace.stop();
    const untilMs = nowMs() + deadlineMs;
    while (this.#sending.inFlight > 0 && nowMs() < untilMs) await sleep(LOOK_MS);
    if (this.#sending.inFlight > 0)
      this.#ledger.fault(`${this.#sending.inFlight} messages did not come through`);
    await this.#receipts?.finish();
    return {
      ...this.#sending.report(),
      testimony: this.#ledger.testify(this.#sending.open()),
      overCapacity: this.#pace.overCapacity,
      lag: pack(this.#pace.lag),
      receiptsSent: this.#receipts?.sent ?? 0,
      cpuUs: this.#cpuUs,
    };
  }

  leave(): void {
    for (const client of this.#clients) client.leave();
  }

  #hear(client: Client, json: string): void {
    this.#sending.onMessage(client, json);
    const isOwn = textField(json, "senderId") === client.person.userId;
    if (this.#receipts && !isOwn)
      this.#receipts.read(client, textField(json, "conversationId"), numberField(json, "seq"));
  }
}
