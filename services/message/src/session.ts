import { ChatError, type UserId } from "@confab/contract";
import type { OpenedSession, SessionRequest } from "@confab/contract/internal";
import { Prisma } from "@confab/db";
import type { MessageContext } from "./context.ts";
import { readStandings, type Standing } from "./standing.ts";
import { addUsers } from "./users/ensure.ts";

/**
 * What new connections need to begin, with two statements for all of them. Who is refused, `unauthenticated` because
 * their session has ended, does not concern the others.
 */
export async function openSessions(
  ctx: MessageContext,
  requests: SessionRequest[],
): Promise<(OpenedSession | ChatError)[]> {
  const userIds = [...new Set(requests.map(({ userId }) => userId))];
  const [people, standings] = await Promise.all([
    readPeople(ctx, userIds, requests),
    readStandings(ctx, userIds),
  ]);
  return requests.map(({ userId, sessionId }) => {
    const person = people.get(userId);
    if (!person) return new ChatError("unauthenticated", { reason: "unknown_user" });
    if (sessionId !== undefined && !person.liveSessions.has(sessionId)) {
      return new ChatError("unauthenticated", { reason: "session_ended" });
    }
    const { displayName, personalRevision } = person;
    return { ...(standings.get(userId) as Standing), displayName, personalRevision };
  });
}

interface Person {
  displayName: string;
  personalRevision: number;
  /** Of those that were asked for. */
  liveSessions: Set<string>;
}

interface PersonRecord {
  id: string;
  display_name: string;
  personal_revision: bigint | number;
  family_id: string | null;
}

/** Who is unknown, though a token vouches for them, is known from now on. */
async function readPeople(
  ctx: MessageContext,
  userIds: UserId[],
  requests: SessionRequest[],
): Promise<Map<UserId, Person>> {
  const sessionIds = requests.flatMap(({ sessionId }) => sessionId ?? []);
  const known = await readKnown(ctx, userIds, sessionIds);
  if (known.size === userIds.length) return known;
  const unknown = requests.filter(({ userId }) => !known.has(userId));
  await addUsers(ctx, unknown);
  const added = await readKnown(
    ctx,
    unknown.map(({ userId }) => userId),
    [],
  );
  return new Map([...known, ...added]);
}

/** Sessions are never taken from a cache here: what connects now stays for as long as its token lasts. */
async function readKnown(
  ctx: MessageContext,
  userIds: UserId[],
  sessionIds: string[],
): Promise<Map<UserId, Person>> {
  const records = await ctx.sql.$queryRaw<PersonRecord[]>`
    SELECT u.id, u.display_name, u.personal_revision, t.family_id
    FROM users u LEFT JOIN refresh_tokens t
      ON t.user_id = u.id AND t.family_id IN (${Prisma.join(["", ...sessionIds])}) AND t.revoked_at IS NULL
    WHERE u.id IN (${Prisma.join(userIds)})`;
  const people = new Map<UserId, Person>();
  for (const { id, display_name, personal_revision, family_id } of records) {
    const person = people.get(id) ?? {
      displayName: display_name,
      personalRevision: Number(personal_revision),
      liveSessions: new Set<string>(),
    };
    if (family_id !== null) person.liveSessions.add(family_id);
    people.set(id, person);
    ctx.caches.knownUsers.set(id, true);
  }
  return people;
}
