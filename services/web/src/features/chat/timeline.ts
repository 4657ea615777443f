import type { TimelineMessage } from "@confab/sdk";
import { isSameDay } from "../../format/time.ts";

/** Messages of one person closer than this stand together under one name. */
const GROUP_GAP_MS = 5 * 60_000;

type Neighbour = Pick<TimelineMessage, "senderId" | "kind" | "createdAt" | "seq" | "deletedAt">;

export interface RowShape {
  /** A day separator stands above. */
  newDay: boolean;
  /** The divider "New messages" stands above. */
  firstUnread: boolean;
  /** First and last of a run of one sender. */
  startsGroup: boolean;
  endsGroup: boolean;
}

function belongTogether(above: Neighbour, below: Neighbour, firstUnreadSeq: number | null): boolean {
  return (
    above.senderId === below.senderId &&
    above.kind !== "system" &&
    below.kind !== "system" &&
    Math.abs(Date.parse(below.createdAt) - Date.parse(above.createdAt)) <= GROUP_GAP_MS &&
    isSameDay(new Date(above.createdAt), new Date(below.createdAt)) &&
    (firstUnreadSeq === null || below.seq !== firstUnreadSeq)
  );
}

/** How a row looks follows from it and its neighbours alone, so that 10,000 of them need no pass over the list. */
export function rowShape(
  above: Neighbour | undefined,
  row: Neighbour,
  below: Neighbour | undefined,
  firstUnreadSeq: number | null,
): RowShape {
  return {
    newDay: !above || !isSameDay(new Date(above.createdAt), new Date(row.createdAt)),
    firstUnread: firstUnreadSeq !== null && row.seq === firstUnreadSeq,
    startsGroup: !above || !belongTogether(above, row, firstUnreadSeq),
    endsGroup: !below || !belongTogether(row, below, firstUnreadSeq),
  };
}

/** How many messages of others came after `seenSeq`: counted from the end, as they are few. */
export function countNew(
  items: readonly Pick<TimelineMessage, "seq" | "mine" | "kind">[],
  seenSeq: number,
): number {
  let count = 0;
  for (let at = items.length - 1; at >= 0; at--) {
    const item = items[at];
    if (!item || (item.seq !== null && item.seq <= seenSeq)) break;
    if (item.seq !== null && !item.mine && item.kind !== "system") count++;
  }
  return count;
}

/** The newest committed seq on screen; 0 when there is none. */
export function newestSeq(items: readonly Pick<TimelineMessage, "seq">[]): number {
  for (let at = items.length - 1; at >= 0; at--) {
    const seq = items[at]?.seq;
    if (seq != null) return seq;
  }
  return 0;
}
