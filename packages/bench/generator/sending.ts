import type { Histogram } from "hdr-histogram-js";
import type { Client } from "./client.ts";
import { nowMs } from "./clock.ts";
import { numberField, textField } from "./frame.ts";
import { createHistogram, type PackedHistogram, pack, recordMs } from "./latency.ts";
import type { Ledger } from "./ledger.ts";
import { readKey, writeKey } from "./message-key.ts";

/** A conversation with the devices that are connected here. */
export interface Talk {
  id: string;
  members: Client[];
  /** Those of them who write, in turn. */
  senders: Client[];
  /** Messages that were begun. */
  begun: number;
}

interface Pending {
  talk: Talk;
  intendedMs: number;
  acked: boolean;
  /** Others who have yet to hear it. */
  missing: number;
  /** Whether the sender has yet to hear it. */
  ownMissing: boolean;
  done: boolean;
}

export interface SendingOptions {
  ledger: Ledger;
  hearsOwn: boolean;
  bodyBytes: number;
  /** A message is acknowledged, and heard by everybody who is there; or it is refused. */
  onDone(talk: Talk, refused: boolean): void;
}

export interface SendingReport {
  /** In the window: acknowledgements, and deliveries to others, that came. */
  acked: number;
  delivered: number;
  /** Bytes of the frames in which messages came. */
  deliveredBytes: number;
  ackLatency: PackedHistogram;
  /** From the intended time of sending to the arrival at each other device. */
  deliveryLatency: PackedHistogram;
  /** Refusals by code, in the whole run. */
  refused: Record<string, number>;
}

/** Refusals that say for certain that nothing was stored. */
const CERTAIN = new Set(["rate_limited", "invalid", "forbidden", "not_found", "conflict", "too_large"]);

/** Sends messages and follows each of them to its ends. Latency is that of the messages meant for the window. */
export class Sending {
  readonly #options: SendingOptions;
  readonly #pending = new Map<number, Map<number, Pending>>();
  readonly #sent = new Map<number, number>();
  readonly #refused: Record<string, number> = {};
  readonly #padding: string;
  readonly #ackLatency: Histogram = createHistogram();
  readonly #deliveryLatency: Histogram = createHistogram();
  #window = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
  #inWindow = { acked: 0, delivered: 0, deliveredBytes: 0 };
  #inFlight = 0;

  constructor(options: SendingOptions) {
    this.#options = options;
    this.#padding = "x".repeat(options.bodyBytes);
  }

  /** Messages that are not yet acknowledged and heard by all. */
  get inFlight(): number {
    return this.#inFlight;
  }

  openWindow(): void {
    this.#window = { fromMs: nowMs(), toMs: Number.POSITIVE_INFINITY };
    this.#inWindow = { acked: 0, delivered: 0, deliveredBytes: 0 };
  }

  closeWindow(): void {
    this.#window.toMs = nowMs();
  }

  /** The next message of a conversation; `intendedMs` is when it should have left. */
  send(talk: Talk, intendedMs: number): void {
    const client = talk.senders[talk.begun++ % talk.senders.length] as Client;
    const sender = client.person.index;
    const number = this.#sent.get(sender) ?? 0;
    this.#sent.set(sender, number + 1);
    const own = this.#pending.get(sender) ?? new Map<number, Pending>();
    if (number === 0) this.#pending.set(sender, own);
    own.set(number, {
      talk,
      intendedMs,
      acked: false,
      missing: talk.members.length - 1,
      ownMissing: this.#options.hearsOwn,
      done: false,
    });
    this.#inFlight += 1;
    const key = writeKey({ sender, number });
    const json = `{"conversationId":"${talk.id}","clientMessageId":"${key}","body":"${this.#padding}"}`;
    client.send("message:send", json, number);
  }

  onAck(client: Client, number: number, json: string): void {
    const sender = client.person.index;
    const pending = this.#pending.get(sender)?.get(number);
    if (!pending || pending.acked) {
      this.#options.ledger.fault(`person ${sender} got a second answer for message ${number}`);
      return;
    }
    if (!json.startsWith('{"ok":true')) {
      this.#refuse(pending, { sender, number, json });
      return;
    }
    const atMs = nowMs();
    pending.acked = true;
    this.#options.ledger.ack(pending.talk.id, numberField(json, "seq"), { sender, number });
    if (this.#isOpen(atMs)) this.#inWindow.acked += 1;
    if (this.#isMeant(pending)) recordMs(this.#ackLatency, atMs - pending.intendedMs);
    this.#settle(sender, number, pending);
  }

  /** A message came to a device. Its text is after its seq, so no text can look like a field. */
  onMessage(client: Client, json: string): void {
    const { sender, number } = readKey(textField(json, "clientMessageId"));
    const { ledger } = this.#options;
    ledger.hear(client.person.index, textField(json, "conversationId"), numberField(json, "seq"), {
      sender,
      number,
    });
    const pending = this.#pending.get(sender)?.get(number);
    if (!pending) {
      ledger.fault(`person ${client.person.index} heard message ${sender}/${number} too often`);
      return;
    }
    if (client.person.index === sender) pending.ownMissing = false;
    else {
      const atMs = nowMs();
      pending.missing -= 1;
      if (this.#isOpen(atMs)) {
        this.#inWindow.delivered += 1;
        this.#inWindow.deliveredBytes += json.length;
      }
      if (this.#isMeant(pending)) recordMs(this.#deliveryLatency, atMs - pending.intendedMs);
    }
    this.#settle(sender, number, pending);
  }

  report(): SendingReport {
    return {
      ...this.#inWindow,
      ackLatency: pack(this.#ackLatency),
      deliveryLatency: pack(this.#deliveryLatency),
      refused: this.#refused,
    };
  }

  /** What was sent and not acknowledged, as the ledger's testimony has it. */
  open(): Map<string, number[]> {
    const open = new Map<string, number[]>();
    for (const [sender, own] of this.#pending) {
      for (const [number, { acked, talk }] of own) {
        if (acked) continue;
        open.set(talk.id, [...(open.get(talk.id) ?? []), sender, number]);
      }
    }
    return open;
  }

  #refuse(
    pending: Pending,
    { sender, number, json }: { sender: number; number: number; json: string },
  ): void {
    const code = textField(json, "code");
    this.#refused[code] = (this.#refused[code] ?? 0) + 1;
    // Elsewhere the outcome is unknown: it stays among the open ones, and may yet be heard.
    if (CERTAIN.has(code)) this.#pending.get(sender)?.delete(number);
    this.#inFlight -= 1;
    if (!pending.done) this.#options.onDone(pending.talk, true);
    pending.done = true;
  }

  #settle(sender: number, number: number, pending: Pending): void {
    if (!pending.acked || pending.missing > 0) return;
    if (!pending.done) {
      pending.done = true;
      this.#options.onDone(pending.talk, false);
    }
    if (pending.ownMissing) return;
    this.#pending.get(sender)?.delete(number);
    this.#inFlight -= 1;
  }

  #isOpen = (atMs: number): boolean => atMs >= this.#window.fromMs && atMs < this.#window.toMs;
  #isMeant = ({ intendedMs }: Pending): boolean => this.#isOpen(intendedMs);
}
