import type { ConversationId } from "@confab/contract";
import { Prisma } from "@confab/db";
import type { MessageContext } from "../context.ts";

/**
 * Up to so many members hear each other's receipts. Where one message makes M people answer and each answer goes to M
 * people, M² frames for a message are what a group costs; beyond this size only the person's own devices are told,
 * and the others see the watermarks when they open the conversation.
 */
const MEMBERS_WHO_HEAR = 100;

/** Which of these groups are larger than that. Asked rarely: answers are remembered for a minute. */
export async function findLargeGroups(
  ctx: MessageContext,
  groupIds: ConversationId[],
): Promise<Set<ConversationId>> {
  const { largeGroups } = ctx.caches;
  const unknown = [...new Set(groupIds)].filter((id) => !largeGroups.has(id));
  if (unknown.length > 0) {
    const branches = unknown.map(
      (id) => Prisma.sql`
        SELECT ${BigInt(id)} AS id, COUNT(*) AS members FROM (
          SELECT 1 FROM conversation_members WHERE conversation_id = ${BigInt(id)} AND left_at IS NULL
          LIMIT ${MEMBERS_WHO_HEAR + 1}) some_members`,
    );
    const rows = await ctx.sql.$queryRaw<
      { id: bigint; members: bigint }[]
    >`${Prisma.join(branches, " UNION ALL ")}`;
    for (const row of rows) largeGroups.set(String(row.id), row.members > MEMBERS_WHO_HEAR);
  }
  return new Set(groupIds.filter((id) => largeGroups.get(id)));
}
