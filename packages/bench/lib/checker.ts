import { addToDigest, emptyDigest } from "../generator/digest.ts";
import type { Heard, Promises } from "../generator/ledger.ts";
import type { MessageKey } from "../generator/message-key.ts";

/** A row of `messages`. */
export interface Stored extends MessageKey {
  seq: number;
}

export interface Observed {
  /** By conversation, in order of seq. */
  stored: Map<string, Stored[]>;
  /** By conversation, flat: seq, sender, number. */
  acked: Map<string, number[]>;
  /** By conversation, flat: sender, number of what was sent and not acknowledged: it may be stored, or not. */
  open: Map<string, number[]>;
  heard: Heard[];
  /** Who was connected, and so must have heard all of it. */
  listeners: { listener: number; conversationId: string }[];
  promises: Promises;
}

const SHOWN = 20;

/** Every way in which acknowledged, stored and delivered are not the same, once, in order. Empty for a good run. */
export function violations(observed: Observed): string[] {
  const faults = [
    ...notDense(observed),
    ...wrongAcks(observed),
    ...ghosts(observed),
    ...wrongDeliveries(observed),
  ];
  return faults.length > SHOWN ? [...faults.slice(0, SHOWN), `and ${faults.length - SHOWN} more`] : faults;
}

function notDense({ stored }: Observed): string[] {
  return [...stored].flatMap(([id, rows]) => {
    const hole = rows.findIndex(({ seq }, index) => seq !== index + 1);
    return hole < 0 ? [] : [`${id} has ${rows[hole]?.seq} in place ${hole + 1}`];
  });
}

function wrongAcks({ stored, acked }: Observed): string[] {
  return [...acked].flatMap(([id, flat]) => {
    const rows = stored.get(id) ?? [];
    const seen = new Set<number>();
    const faults: string[] = [];
    for (let at = 0; at < flat.length; at += 3) {
      const [seq, sender, number] = flat.slice(at, at + 3) as [number, number, number];
      const row = rows[seq - 1];
      if (seen.has(seq)) faults.push(`${id}/${seq} was acknowledged twice`);
      seen.add(seq);
      if (!row) faults.push(`lost: ${id}/${seq} was acknowledged and is not stored`);
      else if (row.sender !== sender || row.number !== number) {
        faults.push(
          `${id}/${seq} was acknowledged as ${sender}/${number}, stored as ${row.sender}/${row.number}`,
        );
      }
    }
    return faults;
  });
}

/** Stored without anybody having been told, or having sent it; also what is stored twice. */
function ghosts({ stored, acked, open }: Observed): string[] {
  return [...stored].flatMap(([id, rows]) => {
    const known = new Set<string>();
    const sure = acked.get(id) ?? [];
    for (let at = 0; at < sure.length; at += 3) known.add(`${sure[at + 1]}/${sure[at + 2]}`);
    const unsure = open.get(id) ?? [];
    for (let at = 0; at < unsure.length; at += 2) known.add(`${unsure[at]}/${unsure[at + 1]}`);
    return rows.flatMap(({ seq, sender, number }) =>
      known.delete(`${sender}/${number}`) ? [] : [`ghost: ${id}/${seq} is ${sender}/${number}`],
    );
  });
}

function wrongDeliveries({ stored, heard, listeners, promises }: Observed): string[] {
  const heardBy = new Map(heard.map((one) => [`${one.listener} ${one.conversationId}`, one]));
  return listeners.flatMap(({ listener, conversationId }) => {
    const expected = emptyDigest();
    for (const row of stored.get(conversationId) ?? []) {
      if (promises.hearsOwn || row.sender !== listener) addToDigest(expected, row.seq, row);
    }
    const actual = heardBy.get(`${listener} ${conversationId}`) ?? emptyDigest();
    const same = promises.keepsOrder ? actual.hash === expected.hash : actual.sum === expected.sum;
    if (actual.count === expected.count && same) return [];
    return [
      `person ${listener} heard ${actual.count} of ${conversationId}, to ${actual.last}; stored for them are ${expected.count}, to ${expected.last}${actual.count === expected.count ? ", in another order or others" : ""}`,
    ];
  });
}
