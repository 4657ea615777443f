import type { UserId } from "@confab/contract";
import { Prisma } from "@confab/db";
import type { MessageContext } from "../context.ts";

export interface KnownPerson {
  userId: UserId;
  /** What their issuer calls them; their id stands in for an absent name. */
  name?: string | undefined;
  picture?: string | undefined;
}

/**
 * Makes somebody known for whom an issuer vouches, with the profile that the token gives. Whoever is known keeps
 * the profile they have; calling it again, also at the same time, changes nothing.
 */
export async function ensureUser(ctx: MessageContext, person: KnownPerson): Promise<void> {
  if (!ctx.caches.knownUsers.has(person.userId)) await addUsers(ctx, [person]);
}

/** The same for several; those who are known already cost a write, too. */
export async function addUsers(ctx: MessageContext, people: KnownPerson[]): Promise<void> {
  const now = new Date(ctx.clock.now());
  const rows = people.map(({ userId, name, picture }) => {
    const avatarUrl = picture && /^https?:\/\//.test(picture) ? picture : null;
    return Prisma.sql`(${userId}, ${name?.trim() || userId}, ${avatarUrl}, ${now})`;
  });
  await ctx.sql.$executeRaw`
    INSERT IGNORE INTO users (id, display_name, avatar_url, created_at) VALUES ${Prisma.join(rows)}`;
  for (const { userId } of people) ctx.caches.knownUsers.set(userId, true);
}
