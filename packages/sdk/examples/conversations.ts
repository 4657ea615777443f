import { type Stage, shows } from "./stage.ts";

/** The list, newest activity first, with what is unread; more of it when the person scrolls. */
export async function listConversations({ chat, friendId }: Stage) {
  const id = await chat.openDirect(friendId);
  const list = await shows(chat.conversations, (known) => known.items.some((item) => item.id === id));
  if (list.hasMore) await chat.loadMoreConversations();
  await chat.loadMoreConversations();
  return list.items.map((item) => item.id).includes(id);
}

/** A group from nothing to nobody: made, renamed, grown, a role given, and left by one. */
export async function runAGroup({ chat, friend, friendId }: Stage) {
  const room = chat.conversation(await chat.createGroup({ title: "Lunch", memberIds: [] }));
  await room.rename("Lunch at noon");
  await room.addMember(friendId);
  await room.changeRole(friendId, "moderator");
  const details = await shows(room.details, (group) => group?.memberCount === 2);
  await shows(friend.conversations, ({ items }) => items.some((item) => item.id === room.id));
  await room.removeMember(friendId);
  await shows(room.details, (group) => group?.memberCount === 1);
  return { title: details?.title, roles: details?.members.map((member) => member.role).sort() };
}
