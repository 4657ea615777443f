import { type Stage, shows } from "./stage.ts";

/** Names and pictures of people; nothing else of them can be found. */
export async function findPeople({ chat, friendId }: Stage) {
  const friend = await chat.getUser(friendId);
  const found = await chat.searchUsers(friend.displayName.slice(0, 3));
  return found.some((user) => user.id === friendId);
}

/** Your own profile, on all of your devices. */
export async function changeProfile({ chat }: Stage) {
  await chat.updateMe({ displayName: "Ada L.", avatarUrl: "https://example.com/ada.png" });
  const me = await shows(chat.me, (known) => known?.displayName === "Ada L.");
  return me?.avatarUrl;
}

/** What you say of yourself, for an hour; and do-not-disturb, which keeps notifications away. */
export async function setAStatus({ chat }: Stage) {
  const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
  await chat.setStatus({ text: "At lunch", emoji: "🍜", expiresAt: inMinutes(60) });
  await chat.setStatus({ dndUntil: inMinutes(30) });
  const me = await shows(chat.me, (known) => known?.status?.dndUntil != null);
  await chat.setStatus({ text: null, dndUntil: null });
  return me?.status?.text;
}

/** Who is there and what they say of themselves, as long as it is watched; null for those who do not let you see it. */
export async function followPresence({ chat, friend, friendId }: Stage) {
  const unwatch = chat.presence.watch([friendId]);
  await friend.setStatus({ emoji: "🎧" });
  const presence = await shows(chat.presence.of(friendId), (known) => known?.custom?.emoji === "🎧");
  await friend.updateMe({ presencePrivacy: "nobody" });
  const hidden = await shows(chat.presence.of(friendId), (known) => known?.status === "offline");
  await friend.updateMe({ presencePrivacy: "shared" });
  unwatch();
  return { status: presence?.status, custom: hidden?.custom };
}
