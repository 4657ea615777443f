import type { Client } from "./client.ts";

/** As our SDK does it: of several marks in this time only the furthest is sent. */
const COALESCE_MS = 100;

export interface ReceiptSender {
  /** This device shows everything of the conversation up to here. */
  read(client: Client, conversationId: string, seq: number): void;
  /** Sends what waits, and resolves when all of it was answered. */
  finish(): Promise<void>;
  readonly sent: number;
}

/** Marks what is heard as read, for all devices with one timer. */
export function createReceiptSender(onRefused: (words: string) => void): ReceiptSender {
  const waiting = new Map<Client, Map<string, number>>();
  const answers = new Set<Promise<void>>();
  let sent = 0;
  const tell = async (client: Client, conversationId: string, seq: number) => {
    const answer = await client.request(
      "receipt:read",
      `{"conversationId":"${conversationId}","seq":${seq}}`,
    );
    if (!answer.startsWith('{"ok":true')) onRefused(`receipt of person ${client.person.index}: ${answer}`);
  };
  const flush = () => {
    for (const [client, marks] of waiting) {
      for (const [conversationId, seq] of marks) {
        sent += 1;
        const answer = tell(client, conversationId, seq).finally(() => answers.delete(answer));
        answers.add(answer);
      }
    }
    waiting.clear();
  };
  const timer = setInterval(flush, COALESCE_MS);
  return {
    read(client, conversationId, seq) {
      const marks = waiting.get(client) ?? new Map<string, number>();
      waiting.set(client, marks.set(conversationId, seq));
    },
    async finish() {
      clearInterval(timer);
      flush();
      await Promise.all(answers);
    },
    get sent() {
      return sent;
    },
  };
}
