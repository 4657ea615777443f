import type { UserId } from "@confab/contract";
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
  const { userId } = person;
  if (ctx.caches.knownUsers.has(userId)) return;
  const picture = person.picture && /^https?:\/\//.test(person.picture) ? person.picture : null;
  await ctx.sql.$executeRaw`
    INSERT IGNORE INTO users (id, display_name, avatar_url, created_at)
    VALUES (${userId}, ${person.name?.trim() || userId}, ${picture}, ${new Date(ctx.clock.now())})`;
  ctx.caches.knownUsers.set(userId, true);
}
