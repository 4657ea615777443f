import type { UserId } from "@confab/contract";

/**
 * At most `limit` rows of each person, with one question for all of them. Where somebody has so many that they could
 * crowd others out, each is asked about alone. `read` answers ordered by person, `limit` rows at most.
 */
export async function readForEach<Row extends { user_id: string }>(
  userIds: readonly UserId[],
  limit: number,
  read: (userIds: readonly UserId[], limit: number) => Promise<Row[]>,
): Promise<Map<UserId, Row[]>> {
  const most = limit * userIds.length;
  const rows = await read(userIds, most);
  if (rows.length < most || userIds.length === 1) {
    const byPerson = Map.groupBy(rows, (row) => row.user_id);
    return new Map([...byPerson].map(([userId, own]) => [userId, own.slice(0, limit)]));
  }
  const each = new Map<UserId, Row[]>();
  for (const userId of userIds) each.set(userId, await read([userId], limit));
  return each;
}
