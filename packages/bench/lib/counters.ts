import { Redis } from "ioredis";
import { openDatabase } from "./database.ts";
import type { BenchStores } from "./stores.ts";
import type { System } from "./system.ts";

/** What the parts themselves count: these prove how cost grows, where times only suggest it. */
export interface Counters {
  /** Rows inserted and rows changed. */
  mysqlRowsInserted: number;
  mysqlRowsUpdated: number;
  mysqlStatements: number;
  /** Flushes to disk, those of the redo log among them: a group of commits shares one. */
  mysqlSyncs: number;
  mysqlCommits: number;
  redisCommands: number;
  redisPublishes: number;
  /** Of the message service. */
  batches: number;
  batchItems: number;
}

const MYSQL: Partial<Record<string, keyof Counters>> = {
  Handler_write: "mysqlRowsInserted",
  Handler_update: "mysqlRowsUpdated",
  Questions: "mysqlStatements",
  Innodb_data_fsyncs: "mysqlSyncs",
  Com_commit: "mysqlCommits",
};

const METRICS: Partial<Record<string, keyof Counters>> = {
  chat_message_batch_items_count: "batches",
  chat_message_batch_items_sum: "batchItems",
};

export async function readCounters({ stores }: BenchStores, system: System): Promise<Counters> {
  const counters: Counters = {
    mysqlRowsInserted: 0,
    mysqlRowsUpdated: 0,
    mysqlStatements: 0,
    mysqlSyncs: 0,
    mysqlCommits: 0,
    redisCommands: 0,
    redisPublishes: 0,
    batches: 0,
    batchItems: 0,
  };
  const add = (name: keyof Counters | undefined, value: number) => {
    if (name) counters[name] += value;
  };
  await using database = await openDatabase(system.databaseUrl);
  const status = await database.query<{ Variable_name: string; Value: string }>("SHOW GLOBAL STATUS");
  for (const { Variable_name, Value } of status) add(MYSQL[Variable_name], Number(Value));
  for (const url of [stores.redisRealtimeUrl, stores.redisQueueUrl]) {
    const { commands, publishes } = await readRedis(url);
    add("redisCommands", commands);
    add("redisPublishes", publishes);
  }
  for (const { url } of system.metricsUrls) {
    const text = await (await fetch(url)).text();
    for (const [name, value] of parseMetrics(text)) add(METRICS[name], value);
  }
  return counters;
}

export const difference = (after: Counters, before: Counters): Counters =>
  Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value - before[name as keyof Counters]]),
  ) as unknown as Counters;

async function readRedis(url: string): Promise<{ commands: number; publishes: number }> {
  const redis = new Redis(url);
  try {
    const info = await redis.info("all");
    const calls = (pattern: RegExp) => Number(pattern.exec(info)?.[1] ?? 0);
    return {
      commands: calls(/^total_commands_processed:(\d+)/m),
      publishes: calls(/^cmdstat_spublish:calls=(\d+)/m) + calls(/^cmdstat_publish:calls=(\d+)/m),
    };
  } finally {
    redis.disconnect();
  }
}

/** Name and value of every line of Prometheus' text form; labels are left out. */
export function parseMetrics(text: string): [name: string, value: number][] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [, name = "", value] = /^([^\s{]+)(?:\{.*\})?\s+(\S+)/.exec(line) ?? [];
      return [name, Number(value)];
    });
}
