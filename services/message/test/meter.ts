/** Counts what work costs: on one connection, whose own counters the database keeps. */
import { createDb } from "@confab/db";
import { createContext, type MessageContext } from "../src/context.ts";
import type { Place } from "./harness.ts";

/** Statements, and rows written. */
export const WRITES = [
  "Com_commit",
  "Com_insert",
  "Com_update",
  "Com_update_multi",
  "Com_select",
  "Handler_write",
  "Handler_update",
];
export const READS = ["Handler_read_first", "Handler_read_key", "Handler_read_next", "Handler_read_prev"];

export interface Meter extends AsyncDisposable {
  /** The service's context with a single connection to MySQL. */
  ctx: MessageContext;
  /** How much of each counter `work` moved. */
  costOf(work: () => Promise<unknown>, names: string[]): Promise<Record<string, number>>;
  /** Packets that Redis has taken so far. */
  publishes(): Promise<number>;
}

export async function createMeter(place: Place): Promise<Meter> {
  const whole = await createContext(place.config());
  const db = await createDb({ url: place.stores.mysqlUrl, poolSize: 1 });
  async function counters(): Promise<Map<string, number>> {
    const rows =
      await db.prisma.$queryRawUnsafe<{ Variable_name: string; Value: string }[]>("SHOW SESSION STATUS");
    return new Map(rows.map((row) => [row.Variable_name, Number(row.Value)]));
  }
  return {
    ctx: { ...whole, prisma: db.prisma, sql: db.sql },
    async costOf(work, names) {
      const idle = difference(await counters(), await counters(), names);
      const before = await counters();
      await work();
      const spent = difference(before, await counters(), names);
      return Object.fromEntries(names.map((name) => [name, (spent[name] ?? 0) - (idle[name] ?? 0)]));
    },
    async publishes() {
      const counted = await whole.metrics.registry.getSingleMetric("chat_adapter_publish_total")?.get();
      return counted?.values.reduce((sum, { value }) => sum + value, 0) ?? 0;
    },
    async [Symbol.asyncDispose]() {
      await whole.lifecycle.stop();
      await db[Symbol.asyncDispose]();
    },
  };
}

const difference = (before: Map<string, number>, after: Map<string, number>, names: string[]) =>
  Object.fromEntries(names.map((name) => [name, (after.get(name) ?? 0) - (before.get(name) ?? 0)]));
