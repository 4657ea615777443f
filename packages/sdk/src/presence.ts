import { LIMITS, type Presence } from "@confab/contract";
import type { Connection } from "./connection.ts";
import { createSource, type Notifier, type Source } from "./readable.ts";
import { asChatError, type Ctx, createAlarm, pauseMs } from "./runtime.ts";
import type { ChatClient } from "./types.ts";

const COALESCE_MS = 50;
/** A component that moves does not unwatch and watch again. */
const LINGER_MS = 5000;
/** Who does not let you see them, or shares nothing with you yet, may do so later; the server does not say when. */
const UNSEEN_MS = 60_000;

export interface PresenceFeed {
  api: ChatClient["presence"];
  onChanged(presences: readonly Presence[]): void;
  online(): void;
}

/** Follows people while anybody here watches them; a new connection is told afresh. */
export function createPresence(
  ctx: Ctx,
  options: { notifier: Notifier; request: Connection["request"]; isOnline(): boolean },
): PresenceFeed {
  const sources = new Map<string, Source<Presence | null>>();
  const watchers = new Map<string, number>();
  /** Those whom this connection follows. */
  let followed = new Set<string>();
  /** Those of them of whom nothing is told. */
  const unseen = new Set<string>();
  let failures = 0;
  let connection = 0;
  const alarm = createAlarm(ctx, () => void settle());
  const lookAgain = createAlarm(ctx, () => {
    for (const userId of unseen) if (watchers.has(userId)) followed.delete(userId);
    unseen.clear();
    void settle();
  });

  const sourceOf = (userId: string): Source<Presence | null> => {
    const held = sources.get(userId) ?? createSource<Presence | null>(options.notifier, null);
    sources.set(userId, held);
    return held;
  };

  const onChanged = (presences: readonly Presence[]): void => {
    for (const presence of presences) {
      sourceOf(presence.userId).set(presence);
      // As the server words it when it follows somebody no longer.
      if (presence.status === "offline" && presence.lastSeenAt === null) notSeen([presence.userId]);
    }
  };

  function notSeen(userIds: string[]): void {
    for (const userId of userIds) unseen.add(userId);
    if (unseen.size > 0) lookAgain.arm(UNSEEN_MS);
  }

  /** Brings what the connection follows to what is watched. */
  async function settle(): Promise<void> {
    if (!options.isOnline()) return;
    const mine = connection;
    const wanted = [...watchers.keys()]
      .filter((userId) => !followed.has(userId))
      .slice(0, LIMITS.usersPerWatch);
    const spare = [...followed].filter((userId) => !watchers.has(userId)).slice(0, LIMITS.usersPerWatch);
    if (wanted.length + spare.length === 0) return;
    for (const userId of wanted) followed.add(userId);
    for (const userId of spare) followed.delete(userId);
    try {
      if (wanted.length > 0) {
        const { presences } = await options.request("presence:watch", { userIds: wanted });
        onChanged(presences);
        const seen = new Set(presences.map(({ userId }) => userId));
        notSeen(wanted.filter((userId) => !seen.has(userId)));
      }
      if (spare.length > 0) await options.request("presence:unwatch", { userIds: spare });
      failures = 0;
      alarm.arm(COALESCE_MS);
    } catch (cause) {
      if (mine !== connection) return;
      for (const userId of wanted) followed.delete(userId);
      const error = asChatError(cause);
      if (error.retry === "never") ctx.logger.warn("presence refused", { reason: error.reason });
      else alarm.arm(pauseMs(ctx, error, failures));
      failures += 1;
    }
  }

  return {
    onChanged,
    online() {
      connection += 1;
      followed = new Set();
      unseen.clear();
      failures = 0;
      alarm.arm(COALESCE_MS);
    },
    api: {
      of: sourceOf,
      watch(userIds) {
        const watched = new Set(userIds);
        for (const userId of watched) watchers.set(userId, (watchers.get(userId) ?? 0) + 1);
        alarm.arm(COALESCE_MS);
        let undone = false;
        return () => {
          if (undone) return;
          undone = true;
          for (const userId of watched) {
            const left = (watchers.get(userId) ?? 1) - 1;
            if (left > 0) watchers.set(userId, left);
            else watchers.delete(userId);
          }
          alarm.arm(LINGER_MS);
        };
      },
    },
  };
}
