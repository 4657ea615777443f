import { createPool, type Pool } from "mariadb";
import type { Effect, Stored, Watermark } from "./checker.ts";

const EVERY_MS = 250;

/** Reads what is stored, by SQL of its own; the watermarks again and again while it runs. */
export class Observer implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #stop = new AbortController();
  #watching: Promise<void> | undefined;
  /** One reading after the other. */
  readonly watermarks: Watermark[][] = [];

  constructor(url: string) {
    const { hostname, port, username, password, pathname } = new URL(url);
    this.#pool = createPool({
      host: hostname,
      port: Number(port),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: pathname.slice(1),
      connectionLimit: 1,
      acquireTimeout: 10_000,
      bigIntAsNumber: true,
    });
  }

  start(): void {
    this.#watching ??= this.#watch();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  messages(): Promise<Stored[]> {
    return this.#pool.query(`
      SELECT CAST(conversation_id AS CHAR) AS conversationId, CAST(id AS CHAR) AS id, seq,
        LOWER(INSERT(INSERT(INSERT(INSERT(HEX(dedupe), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-')) AS clientMessageId,
        body, kind
      FROM messages ORDER BY conversation_id, seq`);
  }

  effects(): Promise<Effect[]> {
    return this.#pool.query(`
      SELECT user_id AS userId, CAST(conversation_id AS CHAR) AS conversationId, from_seq AS fromSeq, to_seq AS toSeq
      FROM notifications`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#pool.end();
  }

  async #watch(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      // While the database is away there is nothing to read.
      const reading = await this.#readWatermarks().catch(() => undefined);
      if (reading) this.watermarks.push(reading);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  #readWatermarks(): Promise<Watermark[]> {
    return this.#pool.query(`
      SELECT CAST(m.conversation_id AS CHAR) AS conversationId, m.user_id AS userId, m.delivered_seq AS deliveredSeq,
        m.read_seq AS readSeq, c.last_seq AS lastSeq
      FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id`);
  }
}
