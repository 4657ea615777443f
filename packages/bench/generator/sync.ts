import { Client, type Person } from "./client.ts";
import { nowMs } from "./clock.ts";
import { createHistogram, type PackedHistogram, pack, recordMs } from "./latency.ts";

export interface SyncPlan {
  person: Person;
  /** By conversation, the revision that the device has. */
  cursors: Record<string, number>;
  /** Messages that it must be told of, in all. */
  expected: number;
  rounds: number;
}

export interface SyncReport {
  /** From asking until everything is here, with as many questions as that takes. */
  latency: PackedHistogram;
  questions: number;
  bytes: number;
  faults: string[];
}

interface Reply {
  ok: boolean;
  conversations: {
    conversationId: string;
    hasMore: boolean;
    messages: { seq: number; revision: number }[];
  }[];
}

/** A device that comes back to many conversations, again and again with the same cursors. */
export async function syncAll({ person, cursors, expected, rounds }: SyncPlan): Promise<SyncReport> {
  const latency = createHistogram();
  const report = { questions: 0, bytes: 0, faults: [] as string[] };
  const client = new Client(person, {
    onEvent: () => {},
    onAck: () => {},
    onLost: (_client, why) => void report.faults.push(`the device was disconnected: ${why}`),
  });
  await client.connect();
  const round = async (): Promise<number> => {
    let messages = 0;
    let asked = cursors;
    while (Object.keys(asked).length > 0) {
      const text = await client.request("conversation:sync", JSON.stringify({ cursors: asked }));
      report.questions += 1;
      report.bytes += text.length;
      const reply = JSON.parse(text) as Reply;
      if (!reply.ok) throw new Error(text.slice(0, 300));
      messages += reply.conversations.reduce((sum, one) => sum + one.messages.length, 0);
      asked = Object.fromEntries(
        reply.conversations
          .filter(({ hasMore }) => hasMore)
          .map(({ conversationId, messages: some }) => [conversationId, some.at(-1)?.revision ?? 0]),
      );
    }
    return messages;
  };
  for (let index = 0; index < rounds; index++) {
    const startedMs = nowMs();
    const messages = await round();
    recordMs(latency, nowMs() - startedMs);
    if (messages !== expected) report.faults.push(`sync brought ${messages} messages instead of ${expected}`);
  }
  client.leave();
  return { latency: pack(latency), ...report };
}
