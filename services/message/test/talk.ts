/** What tests of messages say to a service: by the gateways' door, where nobody need sign in. */
import type { Message, SendMessage, UserId, Watermarks, WireError } from "@confab/contract";
import type {
  ForwardedCommand,
  OpenedSession,
  Outcome,
  ReceiptItem,
  SessionRequest,
} from "@confab/contract/internal";
import { until } from "@confab/testkit";
import { INTERNAL_TOKEN, type MessageService, type Place } from "./harness.ts";

export type Sent = Outcome<{ message: Message; duplicate: boolean }>;
type Draft = Partial<SendMessage> & { from: UserId };

/** The same body by default: what is the same message is decided by its key. */
function toItem({ from, ...message }: Draft) {
  return { actorId: from, message: { clientMessageId: crypto.randomUUID(), body: "hello", ...message } };
}

export function talkTo(service: MessageService) {
  async function rpc<T>(path: string, body: unknown): Promise<T> {
    const answer = await service.call("POST", `/internal/${path}`, { token: INTERNAL_TOKEN, body });
    if (answer.status !== 200) throw Object.assign(new Error(answer.body.reason), answer.body as WireError);
    return answer.body as T;
  }
  async function sendAll(drafts: Draft[]): Promise<Sent[]> {
    return (await rpc<{ results: Sent[] }>("messages", { items: drafts.map(toItem) })).results;
  }
  return {
    rpc,
    sendAll,
    /** Throws the refusal. */
    async send(draft: Draft): Promise<{ message: Message; duplicate: boolean }> {
      const [sent] = await sendAll([draft]);
      if (sent?.ok) return sent.value;
      throw Object.assign(new Error(sent?.error.reason), sent?.error);
    },
    // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by asserting it
    command: (actorId: UserId, command: ForwardedCommand): Promise<any> =>
      rpc("commands", { actorId, command }),
    async mark(...items: ReceiptItem[]): Promise<Outcome<Watermarks>[]> {
      return (await rpc<{ results: Outcome<Watermarks>[] }>("receipts", { items })).results;
    },
  };
}
export type Talk = ReturnType<typeof talkTo>;

/** As a gateway does for those who connect. */
export const openSessions = async (
  talk: Talk,
  ...items: SessionRequest[]
): Promise<Outcome<OpenedSession>[]> =>
  (await talk.rpc<{ results: Outcome<OpenedSession>[] }>("sessions", { items })).results;

/** What a refused one of several items says. */
export const reasonOf = (outcome: Outcome<unknown> | undefined): string | undefined =>
  outcome?.ok === false ? `${outcome.error.code}:${outcome.error.reason}` : undefined;

/** Until some transaction in this file's database waits for another one. */
export async function untilLockWait({ stores }: Place): Promise<void> {
  const waiting = () =>
    stores.query(`
      SELECT 1 FROM information_schema.innodb_trx t
      JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id
      WHERE t.trx_state = 'LOCK WAIT' AND p.db = DATABASE()`);
  // InnoDB makes this table anew only when nobody, in any file's test, has asked for 100 ms.
  await until(async () => (await waiting()).length > 0, { everyMs: 400, describe: "a transaction waits" });
}
