import type { Me, User } from "@confab/contract";

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

export const toMe = (user: StoredUser & { email: string | null; createdAt: Date }): Me => ({
  ...toUser(user),
  email: user.email,
  createdAt: user.createdAt.toISOString(),
});
