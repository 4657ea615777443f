import { ChatError, type User, type UserId } from "@confab/contract";
import { Prisma } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { toUser } from "./view.ts";

export interface UserSearch {
  /** Beginning of a display name or username, upper and lower case alike; empty: everybody. */
  query: string;
  /** The last user of the page before. */
  cursor?: UserId | undefined;
  limit: number;
}

interface UserRecord {
  id: string;
  username: string | null;
  display_name: string;
  avatar_url: string | null;
  kind: User["kind"];
}

const prefixPattern = (text: string): string => `${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;

/** People in order of their display name, by keyset. Each branch reads its own index and no more than a page. */
export async function searchUsers(
  ctx: MessageContext,
  { query, cursor, limit }: UserSearch,
): Promise<{ items: User[]; nextCursor: string | null }> {
  const after = cursor === undefined ? Prisma.empty : await keyset(ctx, cursor);
  const matching = (condition: Prisma.Sql) => Prisma.sql`(
    SELECT id, username, display_name, avatar_url, kind FROM users
    WHERE kind <> 'service' AND ${condition} ${after}
    ORDER BY display_name, id LIMIT ${limit + 1})`;
  const byName = matching(Prisma.sql`display_name LIKE ${prefixPattern(query)}`);
  const byUsername = matching(Prisma.sql`username LIKE ${prefixPattern(query.toLowerCase())}`);
  const records = await ctx.sql.$queryRaw<UserRecord[]>`
    ${query === "" ? byName : Prisma.sql`${byName} UNION ${byUsername}`}
    ORDER BY display_name, id LIMIT ${limit + 1}`;
  const items = records
    .slice(0, limit)
    .map((record) => toUser({ ...record, displayName: record.display_name, avatarUrl: record.avatar_url }));
  return { items, nextCursor: records.length > limit ? (items.at(-1)?.id ?? null) : null };
}

async function keyset(ctx: MessageContext, cursor: UserId): Promise<Prisma.Sql> {
  const last = await ctx.prisma.user.findUnique({ where: { id: cursor }, select: { displayName: true } });
  if (!last) throw new ChatError("invalid", { reason: "invalid:cursor" });
  return Prisma.sql`AND (display_name > ${last.displayName} OR (display_name = ${last.displayName} AND id > ${cursor}))`;
}
