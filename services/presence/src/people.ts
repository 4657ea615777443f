import { ChatError } from "@confab/contract";
import type { PublishedPerson } from "@confab/contract/internal";
import { withDeadline } from "@confab/runtime";
import type { PresenceContext } from "./context.ts";

const REDIS_DEADLINE_MS = 1_200;

/**
 * Tells gateways with a watcher of somebody what they say of themselves now, or that other people may see them now.
 * MySQL has it, so what is lost here is found by the gateways' next look.
 * @throws ChatError `unavailable`, reason `redis_away`
 */
export async function announcePeople(
  { redis, names }: Pick<PresenceContext, "redis" | "names">,
  people: readonly PublishedPerson[],
): Promise<void> {
  const told = people.map((person) =>
    redis.spublish(names.presenceChannel(person.userId), JSON.stringify(person)),
  );
  try {
    await withDeadline(Promise.all(told), REDIS_DEADLINE_MS, "redis");
  } catch (cause) {
    throw new ChatError("unavailable", { reason: "redis_away", retryAfterMs: 1000, cause });
  }
}
