import { type CustomStatus, type Me, statusAt, type User } from "@confab/contract";

/** What every user row has of the columns that others may see. */
export interface StoredUser {
  id: string;
  username: string | null;
  displayName: string;
  avatarUrl: string | null;
  kind: User["kind"];
}

/** Public columns, for Prisma's `select`: an address or a password hash that is not read cannot leak. */
export const USER_COLUMNS = {
  id: true,
  username: true,
  displayName: true,
  avatarUrl: true,
  kind: true,
} as const;

export const toUser = ({ id, username, displayName, avatarUrl, kind }: StoredUser): User => ({
  id,
  username,
  displayName,
  avatarUrl,
  kind,
});

/** What people say of themselves, as `users` holds it. */
export interface StoredStatus {
  statusText: string | null;
  statusEmoji: string | null;
  statusExpiresAt: Date | null;
  dndUntil: Date | null;
}

export const toStatus = (stored: StoredStatus, nowMs: number): CustomStatus | null =>
  statusAt(
    {
      text: stored.statusText,
      emoji: stored.statusEmoji,
      expiresAt: stored.statusExpiresAt?.toISOString() ?? null,
      dndUntil: stored.dndUntil?.toISOString() ?? null,
    },
    nowMs,
  );

/** A row of `users` as far as its owner may see it. */
export type StoredAccount = StoredUser &
  StoredStatus & { email: string | null; createdAt: Date; presencePrivacy: Me["presencePrivacy"] };

export const toMe = (user: StoredAccount, nowMs: number): Me => ({
  ...toUser(user),
  email: user.email,
  createdAt: user.createdAt.toISOString(),
  status: toStatus(user, nowMs),
  presencePrivacy: user.presencePrivacy,
});
