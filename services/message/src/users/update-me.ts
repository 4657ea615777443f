/** P1: committed before it is told; what presence or Redis does not hear now, it learns with its next look. */
import type { CustomStatus, Me, PresencePrivacy, SetStatus, UserId } from "@confab/contract";
import { PRESENCE_RPC, type PublishedPerson } from "@confab/contract/internal";
import { type ModelTransaction, withModels } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { publishTo } from "../publish.ts";
import { type StoredAccount, type StoredStatus, toMe, toStatus, USER_COLUMNS } from "./view.ts";

export interface Profile {
  displayName?: string | undefined;
  /** Null takes the picture away. */
  avatarUrl?: string | null | undefined;
  status?: SetStatus | undefined;
  presencePrivacy?: PresencePrivacy | undefined;
}

type Account = StoredAccount & { statusVersion: number };
const ACCOUNT_COLUMNS = {
  ...USER_COLUMNS,
  email: true,
  createdAt: true,
  statusText: true,
  statusEmoji: true,
  statusExpiresAt: true,
  dndUntil: true,
  presencePrivacy: true,
  statusVersion: true,
} as const;

/** Changes one's profile, status or privacy; one's other devices hear of it, and watchers of what is theirs to see. */
export async function updateMe(ctx: MessageContext, userId: UserId, profile: Profile): Promise<Me> {
  const nowMs = ctx.clock.now();
  const { before, after } = await withModels(
    ctx.prisma,
    async (tx) => {
      const before = await lockAccount(tx, userId);
      const after = changed(before, profile, nowMs);
      if (!after) return { before, after: before };
      await tx.user.update({ where: { id: userId }, data: after });
      return { before, after };
    },
    { random: ctx.random },
  );
  const me = toMe(after, nowMs);
  if (after === before) return me;
  publishTo(ctx, userId, "me:updated", { me });
  if (after.statusVersion > before.statusVersion) {
    const recheck = after.presencePrivacy !== before.presencePrivacy;
    announcePerson(ctx, {
      userId,
      custom: me.status,
      customVersion: after.statusVersion,
      recheck,
    });
  }
  return me;
}

/** `status:set`: the status as it is then. */
export async function setStatus(
  ctx: MessageContext,
  { actorId, ...status }: SetStatus & { actorId: UserId },
): Promise<CustomStatus | null> {
  return (await updateMe(ctx, actorId, { status })).status;
}

async function lockAccount(tx: ModelTransaction, userId: UserId): Promise<Account> {
  await tx.$queryRaw`SELECT 1 FROM users WHERE id = ${userId} FOR UPDATE`;
  return tx.user.findUniqueOrThrow({ where: { id: userId }, select: ACCOUNT_COLUMNS });
}

/** The row as it is to be; undefined when it is so already. */
function changed(before: Account, profile: Profile, nowMs: number): Account | undefined {
  const { displayName, avatarUrl, presencePrivacy } = profile;
  const after: Account = {
    ...before,
    ...(displayName !== undefined && { displayName }),
    ...(avatarUrl !== undefined && { avatarUrl }),
    ...(presencePrivacy !== undefined && { presencePrivacy }),
    ...(profile.status && changedStatus(profile.status, nowMs)),
  };
  const isTold = JSON.stringify(toStatus(after, nowMs)) !== JSON.stringify(toStatus(before, nowMs));
  if (isTold || after.presencePrivacy !== before.presencePrivacy) after.statusVersion += 1;
  else if (after.displayName === before.displayName && after.avatarUrl === before.avatarUrl) return undefined;
  return after;
}

function changedStatus({ dndUntil, ...said }: SetStatus, nowMs: number): Partial<StoredStatus> {
  // A time that has passed may be one that MySQL cannot hold.
  const isOver = (time: string | null | undefined): boolean => time != null && Date.parse(time) <= nowMs;
  const toDate = (time: string | null | undefined): Date | null =>
    time == null || isOver(time) ? null : new Date(time);
  const dnd = dndUntil === undefined ? {} : { dndUntil: toDate(dndUntil) };
  if (Object.values(said).every((part) => part === undefined)) return dnd;
  const { text, emoji, expiresAt } = isOver(said.expiresAt) ? {} : said;
  const [statusText, statusEmoji] = [text || null, emoji || null];
  const statusExpiresAt = statusText || statusEmoji ? toDate(expiresAt) : null;
  return { ...dnd, statusText, statusEmoji, statusExpiresAt };
}

/** Nobody waits for it: presence is not needed for anything to be said. */
function announcePerson(ctx: MessageContext, person: PublishedPerson): void {
  ctx.presence.call(PRESENCE_RPC.announcePeople, { people: [person] }).catch((error: Error) => {
    ctx.log.warn({ err: error.message, userId: person.userId }, "a status could not be announced");
  });
}
