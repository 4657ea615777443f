import { type Stage, shows } from "./stage.ts";

/** Everything read, here or everywhere; and one message marked as unread, for yourself alone. */
export async function markReadAndUnread({ chat, friend, conversationId }: Stage) {
  const message = await friend.conversation(conversationId).send({ body: "Did you see this?" }).delivered;
  const room = chat.conversation(conversationId);
  const unread = (count: number) =>
    shows(chat.conversations, ({ items }) =>
      items.some(({ id, unreadCount }) => id === room.id && unreadCount === count),
    );
  await unread(1);
  await room.markAllRead();
  await unread(0);
  await room.markUnread(message.seq);
  const { items } = await shows(chat.conversations, (list) =>
    list.items.some(({ id, personal }) => id === room.id && personal?.unreadFromSeq === message.seq),
  );
  await chat.markAllRead();
  return items.length;
}

/** Who has seen a message of yours, by name. */
export async function seeReaders({ chat, friend, friendId, conversationId }: Stage) {
  const room = chat.conversation(conversationId);
  const message = await room.send({ body: "Meeting is moved" }).delivered;
  await friend.markAllRead();
  const { readCount, users } = await room.readers(message.id);
  return { readCount, isFriend: users.some((user) => user.id === friendId) };
}

/** Muted, pinned to the top, archived: for yourself, on all of your devices. */
export async function arrangeForYourself({ chat, conversationId }: Stage) {
  const room = chat.conversation(conversationId);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  await room.setPersonal({ mutedUntil: tomorrow, pinned: true, archived: false });
  const { items } = await shows(chat.conversations, (list) => list.items[0]?.personal?.mutedUntil != null);
  await room.setPersonal({ mutedUntil: null, pinned: false });
  return items[0]?.id === conversationId;
}

/** Words in one conversation or in all that you may see, with what to highlight and where to jump. What was just said is found a moment later. */
export async function search({ chat, conversationId }: Stage) {
  const room = chat.conversation(conversationId);
  const [hit] = (await chat.search("harbour", { conversationId })).items;
  const [mark] = hit?.highlights ?? [];
  if (hit && mark) await room.jumpTo({ seq: hit.message.seq });
  return hit?.message.body?.slice(mark?.start, (mark?.start ?? 0) + (mark?.length ?? 0));
}

/** What a message has said, for admins and moderators of a group. */
export async function seeEarlierVersions({ chat }: Stage) {
  const room = chat.conversation(await chat.createGroup({ title: "Rules", memberIds: [] }));
  const message = await room.send({ body: "No dogs" }).delivered;
  await room.edit(message.id, "Dogs on a lead");
  const versions = await room.edits(message.id);
  return versions.map((version) => version.body);
}
