import { ChatError } from "@confab/contract";

function idOf(cursor: string): bigint {
  if (!/^[1-9]\d{0,15}$/.test(cursor)) throw new ChatError("invalid", { reason: "invalid:cursor" });
  return BigInt(cursor);
}

/** Where the page after `cursor` begins, for rows by falling or rising id. @throws ChatError `invalid` */
export const descending = (cursor: string | undefined) =>
  cursor === undefined ? {} : { id: { lt: idOf(cursor) } };
export const ascending = (cursor: string | undefined) =>
  cursor === undefined ? {} : { id: { gt: idOf(cursor) } };

/** A page of `rows`, of which one more was read than it shows. */
export function pageBy<R extends { id: bigint }, T>(
  rows: R[],
  limit: number,
  toItem: (row: R) => T,
): { items: T[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  return {
    items: page.map(toItem),
    nextCursor: rows.length > limit ? String(page.at(-1)?.id) : null,
  };
}
