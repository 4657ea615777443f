import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "./client.ts";
import { addToDigest, emptyDigest } from "./digest.ts";
import type { Heard } from "./ledger.ts";
import { readKey } from "./message-key.ts";

interface SyncedMessage {
  seq: number;
  revision: number;
  clientMessageId: string;
}

interface Reply {
  ok: boolean;
  error?: { retryAfterMs?: number };
  conversations: { messages: SyncedMessage[]; hasMore: boolean }[];
}

const RETRY_MS = 1000;

/** What a device holds of its one conversation: takes what comes in order, drops repeats, asks for what it lacks. */
export class Holder {
  readonly #client: Client;
  readonly #heard: Heard;
  #revision = 0;
  #wanted = 0;
  #failures = 0;
  #catchingUp: Promise<void> | undefined;

  constructor(client: Client, conversationId: string) {
    this.#client = client;
    this.#heard = { listener: client.person.index, conversationId, ...emptyDigest() };
  }

  get last(): number {
    return this.#heard.last;
  }

  /** Questions that the server did not answer in time, or refused. */
  get failures(): number {
    return this.#failures;
  }

  get heard(): Heard {
    return this.#heard;
  }

  /** The conversation has come so far; resolves when this device has, too. */
  reach(revision: number): Promise<void> {
    this.#wanted = Math.max(this.#wanted, revision);
    this.#catchingUp ??= this.#catchUp().finally(() => {
      this.#catchingUp = undefined;
    });
    return this.#catchingUp;
  }

  /** A connection ended, and with it every question: their answers never come. */
  restart(): void {
    this.#catchingUp = undefined;
    this.#wanted = this.#revision;
  }

  onMessage(message: SyncedMessage): void {
    if (message.seq <= this.last) return;
    if (message.seq > this.last + 1) return void this.reach(message.revision);
    this.#take(message);
  }

  async #catchUp(): Promise<void> {
    while (this.#revision < this.#wanted) {
      const before = this.#revision;
      const answered = await this.#ask();
      if (answered && this.#revision === before)
        throw new Error(`sync from revision ${before} brought nothing`);
    }
  }

  /** Whether there was an answer. */
  async #ask(): Promise<boolean> {
    const { conversationId } = this.#heard;
    const text = await this.#client.request(
      "conversation:sync",
      JSON.stringify({ cursors: { [conversationId]: this.#revision } }),
    );
    const reply = JSON.parse(text) as Reply;
    if (!reply.ok) {
      // As our SDK does: who is told that it took too long asks again a little later.
      this.#failures += 1;
      await sleep(reply.error?.retryAfterMs ?? RETRY_MS);
      return false;
    }
    for (const message of reply.conversations[0]?.messages ?? []) {
      if (message.seq === this.last + 1) this.#take(message);
    }
    return true;
  }

  #take({ seq, revision, clientMessageId }: SyncedMessage): void {
    addToDigest(this.#heard, seq, readKey(clientMessageId));
    this.#revision = Math.max(this.#revision, revision);
  }
}
