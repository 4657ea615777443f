/**
 * Judges a run by what was seen from outside: what senders were told, what the database holds, what screens
 * showed. It uses no code of the product, so it cannot share a mistake with it; checker.test.ts breaks each rule
 * on purpose.
 */

/** A sender was told that this message is committed. */
export interface Acked {
  clientMessageId: string;
  conversationId: string;
  id: string;
  seq: number;
  body: string;
}
/** A row of `messages`. */
export interface Stored {
  conversationId: string;
  id: string;
  seq: number;
  clientMessageId: string;
  body: string | null;
  kind: string;
}
export interface ShownMessage {
  id: string | null;
  seq: number | null;
  clientMessageId: string;
  body: string | null;
  mine: boolean;
}
/** What one device shows of one conversation in the end; `regressions` is what it showed wrongly on the way. */
export interface Screen {
  device: string;
  conversationId: string;
  messages: ShownMessage[];
  regressions: string[];
}
/** `conversation_members` and the conversation's head at one moment. */
export interface Watermark {
  conversationId: string;
  userId: string;
  deliveredSeq: number;
  readSeq: number;
  lastSeq: number;
}
/** A row of `notifications`: the effect of one delivery. */
export interface Effect {
  userId: string;
  conversationId: string;
  fromSeq: number;
  toSeq: number;
}

export interface Run {
  acked: Acked[];
  /** Every key that was ever used for sending; whatever else is stored or shown is a ghost. */
  invoked: Set<string>;
  stored: Stored[];
  screens: Screen[];
  /** In the order in which they were read. */
  watermarks: Watermark[][];
  effects: Effect[];
  /** Members who were never connected: each is owed all of their conversation. */
  absent: { userId: string; conversationId: string }[];
}

/** Every broken promise, in words; empty when all were kept. */
export function violations(run: Run): string[] {
  return [
    ...lostOrChanged(run),
    ...notDense(run.stored),
    ...ghosts(run),
    ...run.screens.flatMap((screen) => [...screen.regressions, ...wrongScreen(screen, run.stored)]),
    ...backwards(run.watermarks),
    ...repeatedEffects(run.effects),
    ...missingEffects(run),
  ];
}

/** P1, P2: what was acknowledged is stored, once, as it was acknowledged. */
function lostOrChanged({ acked, stored }: Run): string[] {
  const byKey = Map.groupBy(stored, (row) => row.clientMessageId);
  return acked.flatMap((ack) => {
    const rows = byKey.get(ack.clientMessageId) ?? [];
    if (rows.length === 0)
      return [`lost: ${ack.conversationId}/${ack.seq} was acknowledged and is not stored`];
    if (rows.length > 1) return [`stored ${rows.length} times: ${ack.clientMessageId}`];
    const [row] = rows;
    const same =
      row?.id === ack.id &&
      row.seq === ack.seq &&
      row.conversationId === ack.conversationId &&
      row.body === ack.body;
    return same ? [] : [`acknowledged as ${JSON.stringify(ack)}, stored as ${JSON.stringify(row)}`];
  });
}

/** P3: 1, 2, 3 … in every conversation. */
function notDense(stored: Stored[]): string[] {
  return [...Map.groupBy(stored, (row) => row.conversationId)].flatMap(([conversationId, rows]) => {
    const seqs = rows.map((row) => row.seq).sort((a, b) => a - b);
    const hole = seqs.findIndex((seq, index) => seq !== index + 1);
    return hole < 0 ? [] : [`not dense: ${conversationId} has ${seqs[hole]} in place ${hole + 1}`];
  });
}

function ghosts({ invoked, stored }: Run): string[] {
  return stored
    .filter((row) => row.kind !== "system" && !invoked.has(row.clientMessageId))
    .map((row) => `ghost: ${row.conversationId}/${row.seq}`);
}

/** P5: a screen ends with what is stored, in order, each once. */
function wrongScreen(screen: Screen, stored: Stored[]): string[] {
  const rows = stored
    .filter((row) => row.conversationId === screen.conversationId)
    .sort((a, b) => a.seq - b.seq);
  const first = screen.messages[0]?.seq ?? 1;
  const wanted = rows.filter((row) => row.seq >= first).map((row) => `${row.seq} ${row.id} ${row.body}`);
  const shown = screen.messages.map((message) => `${message.seq} ${message.id} ${message.body}`);
  const differs = wanted.findIndex((line, index) => line !== shown[index]);
  const at = differs >= 0 ? differs : wanted.length < shown.length ? wanted.length : -1;
  return at < 0
    ? []
    : [
        `${screen.device} shows "${shown[at]}" in ${screen.conversationId} where "${wanted[at]}" is stored (${shown.length} of ${wanted.length})`,
      ];
}

/** P6: watermarks move forward, and read ≤ delivered ≤ last. */
function backwards(readings: Watermark[][]): string[] {
  const last = new Map<string, Watermark>();
  return readings.flat().flatMap((mark) => {
    const key = `${mark.conversationId} ${mark.userId}`;
    const before = last.get(key);
    last.set(key, mark);
    const broken: string[] = [];
    if (before && (mark.deliveredSeq < before.deliveredSeq || mark.readSeq < before.readSeq))
      broken.push(`receipt went back: ${key}`);
    if (mark.readSeq > mark.deliveredSeq || mark.deliveredSeq > mark.lastSeq)
      broken.push(`receipt out of bounds: ${JSON.stringify(mark)}`);
    return broken;
  });
}

/** P8: no message is part of two effects for the same person. */
function repeatedEffects(effects: Effect[]): string[] {
  return [...Map.groupBy(effects, (effect) => `${effect.userId} ${effect.conversationId}`)].flatMap(
    ([key, own]) => {
      const sorted = own.sort((a, b) => a.fromSeq - b.fromSeq);
      return sorted.flatMap((effect, index) =>
        index > 0 && effect.fromSeq <= (sorted[index - 1] as Effect).toSeq
          ? [`notified twice: ${key} from ${effect.fromSeq}`]
          : [],
      );
    },
  );
}

/** P8: whoever is away is told of everything. */
function missingEffects({ absent, effects, stored }: Run): string[] {
  return absent.flatMap(({ userId, conversationId }) => {
    const last = Math.max(
      0,
      ...stored.filter((row) => row.conversationId === conversationId).map((row) => row.seq),
    );
    const told = Math.max(
      0,
      ...effects
        .filter((effect) => effect.userId === userId && effect.conversationId === conversationId)
        .map((effect) => effect.toSeq),
    );
    return told < last ? [`not notified: ${userId} of ${told + 1} to ${last} in ${conversationId}`] : [];
  });
}

/**
 * What is wrong in a screen at this moment, whatever may still come: an order that is not the seq order, the same
 * message twice, or a hole. Own messages never vanish between their ack and the arrival of what came before them,
 * so a hole right above one of those is no fault; in the end there are none (`wrongScreen`).
 */
export function momentaryFaults(messages: ShownMessage[]): string[] {
  const faults: string[] = [];
  const keys = new Set<string>();
  let previous: number | null = null;
  for (const message of messages) {
    if (keys.has(message.clientMessageId)) faults.push(`shown twice: ${message.clientMessageId}`);
    keys.add(message.clientMessageId);
    if (message.seq === null) continue;
    const inOrder =
      previous === null || (message.mine ? message.seq > previous : message.seq === previous + 1);
    if (!inOrder) faults.push(`${message.seq} shown after ${previous}`);
    previous = message.seq;
  }
  return faults;
}
