import type { ConversationId, ConversationSettings, UserId } from "@confab/contract";
import { Prisma, type Queries } from "@confab/db";
import type { Audience } from "@confab/runtime";
import { SETTINGS_COLUMNS, type SettingsRecord, toSettings } from "../conversations/access.ts";

/** A conversation's row, locked: how far it has come, and what decides who may do what in it. */
export interface ConversationHead {
  id: ConversationId;
  kind: "direct" | "group";
  /** The two people of a direct conversation, sorted, with a space between. */
  directKey: string | null;
  encrypted: boolean;
  settings: ConversationSettings;
  lastSeq: number;
  revision: number;
}

interface HeadRecord extends SettingsRecord {
  id: bigint;
  kind: "direct" | "group";
  direct_key: string | null;
  encrypted: number | boolean;
  last_seq: bigint;
  revision: bigint;
}

export const toHead = (record: HeadRecord): ConversationHead => ({
  id: String(record.id),
  kind: record.kind,
  directKey: record.direct_key,
  encrypted: Boolean(record.encrypted),
  settings: toSettings(record),
  lastSeq: Number(record.last_seq),
  revision: Number(record.revision),
});

/**
 * Locks conversations until the transaction ends: whoever changes one holds its row, so `seq` and `revision` are
 * dense and are committed in order (P3, P4). Always in id order, or two batches would wait for each other.
 */
export async function lockHeads(
  tx: Queries,
  ids: Iterable<ConversationId>,
): Promise<Map<ConversationId, ConversationHead>> {
  return toHeads(await tx.$queryRaw(headsToLock(ids)));
}

/** The statement of `lockHeads`, for those who send more with it, and what comes of it. */
export function headsToLock(ids: Iterable<ConversationId>): Prisma.Sql {
  const list = [...new Set(ids)].map(BigInt).sort((one, other) => (one < other ? -1 : 1));
  const columns = Prisma.sql`c.id, c.kind, c.direct_key, c.encrypted, ${SETTINGS_COLUMNS}, c.last_seq, c.revision`;
  // Most batches hold one while little is said, and a table of one row costs more than its row.
  if (list.length === 1)
    return Prisma.sql`SELECT ${columns} FROM conversations c WHERE c.id = ${list[0]} FOR UPDATE`;
  // Key by key in this order, whatever the optimiser would think of a list; half of what `IN` costs (ADR 12).
  return Prisma.sql`
    SELECT ${columns}
    FROM JSON_TABLE(${`[${list}]`}, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) AS wanted
    STRAIGHT_JOIN conversations c FORCE INDEX (PRIMARY) ON c.id = wanted.id FOR UPDATE`;
}
export const toHeads = (records: unknown[]): Map<ConversationId, ConversationHead> =>
  new Map((records as HeadRecord[]).map(toHead).map((head) => [head.id, head]));

/** Both people of a direct conversation, whichever started it. */
export const directPair = (directKey: string): UserId[] => directKey.split(" ");

/** The other person of a direct conversation. */
export const peerOf = (head: Pick<ConversationHead, "directKey">, userId: UserId): UserId | null =>
  directPair(head.directKey ?? "").find((other) => other !== userId) || null;

/** Who hears of a change: the one rule (design.md 3.4). */
export const audienceOf = (head: Pick<ConversationHead, "id" | "kind" | "directKey">): Audience =>
  head.kind === "direct" && head.directKey !== null
    ? { kind: "direct", userIds: directPair(head.directKey) }
    : { kind: "group", conversationId: head.id };
