import type { Presence, PresenceStatus, UserId } from "@confab/contract";

/** A change of somebody's status. Of two, the one with the higher version is the later. */
export interface Transition {
  userId: UserId;
  status: PresenceStatus;
  /** Last sign of life, ms since 1970. */
  lastSeenAtMs: number;
  version: number;
}

/** What a store knows of somebody: Redis now, or the mirror as of its last write. */
export type PresenceRecord = Pick<Transition, "status" | "lastSeenAtMs">;

const isStatus = (text: string): text is PresenceStatus =>
  text === "online" || text === "idle" || text === "offline";

/** Reads `apply-n.lua`'s flat list of transitions. */
export function parseTransitions(flat: readonly string[]): Transition[] {
  const transitions: Transition[] = [];
  for (let i = 0; i + 3 < flat.length; i += 4) {
    const [userId = "", status = "", lastSeenAt = "", version = ""] = flat.slice(i, i + 4);
    if (!isStatus(status)) throw new Error(`not a presence status: ${status}`);
    transitions.push({ userId, status, lastSeenAtMs: Number(lastSeenAt), version: Number(version) });
  }
  return transitions;
}

/** Reads a person's stored status; undefined for somebody whom Redis does not know. */
export function parseRecord([status, seenAt]: readonly (string | null)[]): PresenceRecord | undefined {
  if (!status || !seenAt || !isStatus(status)) return undefined;
  return { status, lastSeenAtMs: Number(seenAt) };
}

/**
 * P7: who counts as what. Redis, where it can be asked, is the truth and somebody it does not know is offline;
 * the mirror then only says when they were last seen. Without Redis the mirror is the best there is.
 */
export function presenceOf(
  userId: UserId,
  known: { redis: "away" | PresenceRecord | undefined; mirror: PresenceRecord | undefined },
): Omit<Presence, "custom"> {
  const { redis, mirror } = known;
  const record = redis === "away" ? mirror : (redis ?? (mirror && { ...mirror, status: "offline" as const }));
  return {
    userId,
    status: record?.status ?? "offline",
    lastSeenAt: record ? new Date(record.lastSeenAtMs).toISOString() : null,
  };
}
