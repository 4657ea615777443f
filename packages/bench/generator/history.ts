import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { nowMs } from "./clock.ts";
import { createHistogram, type PackedHistogram, pack, recordMs } from "./latency.ts";
import { createRandom, nextGapMs } from "./random.ts";

export interface HistoryPlan {
  /** Address of the message service. */
  baseUrl: string;
  token: string;
  conversationId: string;
  /** Pages end before a seq between these two, both included. */
  before: { from: number; to: number };
  pageSize: number;
  perSecond: number;
  pages: number;
  seed: number;
}

export interface HistoryReport {
  latency: PackedHistogram;
  pages: number;
  bytes: number;
  faults: string[];
}

const CONNECTIONS = 8;
const DEADLINE_MS = 10_000;

/** Reads pages at random moments and places, and checks that each is the page that was asked for. */
export async function readHistory(plan: HistoryPlan): Promise<HistoryReport> {
  const pool = new Pool(plan.baseUrl, { connections: CONNECTIONS, pipelining: 1 });
  const random = createRandom(plan.seed);
  const latency = createHistogram();
  const report = { pages: 0, bytes: 0, faults: [] as string[] };
  const readOne = async (before: number, intendedMs: number) => {
    const { statusCode, body } = await pool.request({
      method: "GET",
      path: `/v1/conversations/${plan.conversationId}/messages?before=${before}&limit=${plan.pageSize}`,
      headers: { authorization: `Bearer ${plan.token}` },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const text = await body.text();
    recordMs(latency, nowMs() - intendedMs);
    report.pages += 1;
    report.bytes += text.length;
    const fault =
      statusCode === 200 ? wrongPage(text, before, plan.pageSize) : `status ${statusCode}: ${text}`;
    if (fault) report.faults.push(`page before ${before}: ${fault}`);
  };
  try {
    const reading: Promise<void>[] = [];
    let dueMs = nowMs();
    for (let page = 0; page < plan.pages; page++) {
      dueMs += nextGapMs(random, plan.perSecond);
      if (dueMs > nowMs()) await sleep(dueMs - nowMs());
      const { from, to } = plan.before;
      reading.push(readOne(from + Math.floor(random() * (to - from + 1)), dueMs));
    }
    await Promise.all(reading);
  } finally {
    await pool.destroy();
  }
  return { latency: pack(latency), ...report };
}

/** What is wrong with a page, or undefined. */
export function wrongPage(text: string, before: number, pageSize: number): string | undefined {
  const { items } = JSON.parse(text) as { items: { seq: number }[] };
  const wanted = Math.min(pageSize, before - 1);
  if (items.length !== wanted) return `${items.length} messages instead of ${wanted}`;
  const wrong = items.findIndex(({ seq }, index) => seq !== before - wanted + index);
  return wrong < 0 ? undefined : `${items[wrong]?.seq} in place ${wrong}`;
}
