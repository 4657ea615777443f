import { setTimeout as sleep } from "node:timers/promises";
import type { Histogram } from "hdr-histogram-js";
import { Client, type ClientEvents, type Person, Refused } from "./client.ts";
import { nowMs } from "./clock.ts";
import { createHistogram, type PackedHistogram, pack, recordMs } from "./latency.ts";

export interface ConnectOptions {
  /** Handshakes that are under way at once. */
  concurrency: number;
  deadlineMs: number;
}

export interface ConnectReport {
  /** From the first attempt until everybody was ready. */
  tookMs: number;
  /** From somebody's first attempt until `ready`, with the waits that the server asked for. */
  latency: PackedHistogram;
  /** Attempts that were refused, and tried again. */
  refusals: number;
}

/** Where somebody who was refused without being told a time comes back. */
const DEFAULT_PAUSE_MS = 1000;

/** Connects clients, a few at a time; who is refused comes back when told to. @throws Error beyond the deadline */
export async function connectAll(
  clients: Client[],
  options: ConnectOptions,
  onReady: (client: Client, ready: string) => void = () => {},
): Promise<ConnectReport> {
  const startedMs = nowMs();
  const deadlineMs = startedMs + options.deadlineMs;
  const latency = createHistogram();
  const waiting = clients.values();
  let refusals = 0;
  const work = async () => {
    for (const client of waiting) {
      refusals += await connectOne(client, { deadlineMs, latency, onReady });
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.concurrency, clients.length) }, work));
  return { tookMs: nowMs() - startedMs, latency: pack(latency), refusals };
}

/** How often it was refused. */
export async function connectOne(
  client: Client,
  options: { deadlineMs: number; latency: Histogram; onReady: (client: Client, ready: string) => void },
): Promise<number> {
  const startedMs = nowMs();
  for (let refusals = 0; ; refusals++) {
    try {
      const ready = await client.connect();
      recordMs(options.latency, nowMs() - startedMs);
      options.onReady(client, ready);
      return refusals;
    } catch (error) {
      const pauseMs = (error instanceof Refused && error.retryAfterMs) || DEFAULT_PAUSE_MS;
      if (nowMs() + pauseMs > options.deadlineMs) {
        throw new Error(`a client could not connect in time: ${(error as Error).message}`);
      }
      await sleep(pauseMs);
    }
  }
}

export const createClients = (people: Person[], events: ClientEvents): Client[] =>
  people.map((person) => new Client(person, events));
