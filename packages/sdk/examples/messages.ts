import { ChatError } from "@confab/sdk";
import { type Stage, shows } from "./stage.ts";

/** A message is shown at once, with a state that goes from `queued` to `read`. */
export async function say({ chat, friend, conversationId }: Stage) {
  const room = chat.conversation(conversationId);
  const close = room.open({ autoRead: true });
  const { clientMessageId, delivered } = room.send({ body: "Hello" });
  const message = await delivered;
  const theirs = friend.conversation(conversationId);
  const closeTheirs = theirs.open();
  await shows(theirs.messages, ({ items }) => items.some((item) => item.id === message.id));
  theirs.markRead(message.seq);
  await shows(room.messages, ({ items }) =>
    items.some((item) => item.key === clientMessageId && item.state === "read"),
  );
  close();
  closeTheirs();
  return message.body;
}

/** Up to where the person has seen: for screens that know better than `autoRead` what was in view. */
export async function read({ chat, friend, conversationId }: Stage) {
  const room = chat.conversation(conversationId);
  const close = room.open();
  const message = await friend.conversation(conversationId).send({ body: "Read me" }).delivered;
  await shows(room.messages, ({ items }) => items.some((item) => item.id === message.id));
  room.markRead(message.seq);
  const item = await shows(chat.conversations, ({ items }) =>
    items.some(({ id, unreadCount }) => id === room.id && unreadCount === 0),
  );
  close();
  return item.items.find(({ id }) => id === room.id)?.unreadCount;
}

/** Changed, pinned, reacted to, and deleted again: on every device, also on those that are away now. */
export async function changeAMessage({ chat, conversationId }: Stage) {
  const room = chat.conversation(conversationId);
  const close = room.open();
  const message = await room.send({ body: "Meet at nine" }).delivered;
  await room.edit(message.id, "Meet at ten", { expectedRevision: message.revision });
  await room.react(message.id, "👍");
  await room.pin(message.id);
  const { items } = await shows(room.messages, (list) =>
    list.items.some((item) => item.id === message.id && item.pinnedAt !== null),
  );
  const changed = items.find((item) => item.id === message.id);
  const pinned = await room.pins();
  await room.unpin(message.id);
  await room.unreact(message.id, "👍");
  await room.delete(message.id, "everyone");
  close();
  return { body: changed?.body, mine: changed?.reactions[0]?.mine, pinned: pinned.length };
}

/** What cannot be sent stays in the list as `failed`, with its error, until it is tried again or dropped. */
export async function handleFailure({ chat, conversationId }: Stage) {
  const room = chat.conversation(conversationId);
  const close = room.open();
  const { clientMessageId, delivered } = room.send({ body: "x".repeat(20_000) });
  const error = await delivered.catch((cause: unknown) => cause);
  const failed = await shows(room.messages, ({ items }) =>
    items.some((item) => item.key === clientMessageId && item.state === "failed"),
  );
  room.retry(clientMessageId);
  room.discard(clientMessageId);
  await shows(room.messages, ({ items }) => items.every((item) => item.key !== clientMessageId));
  close();
  return { code: error instanceof ChatError && error.code, state: failed.items.at(-1)?.state };
}

/** History loads by pages as the person scrolls, and around any message: a search hit, a quote, the first unread one. */
export async function moveThroughHistory({ chat, conversationId }: Stage) {
  const room = chat.conversation(conversationId);
  for (let n = 0; n < 60; n++) void room.send({ body: `line ${n}` });
  await room.send({ body: "the last line" }).delivered;
  const close = room.open();
  await shows(room.messages, ({ status, items }) => status === "ready" && items.length > 0);
  await room.jumpTo({ seq: 1 });
  await shows(room.messages, ({ items }) => items[0]?.seq === 1);
  await room.loadNewer();
  await room.jumpTo("latest");
  await room.loadOlder();
  const { items, atLatest } = room.messages.getSnapshot();
  close();
  return { last: items.at(-1)?.body, atLatest };
}

/** Who is typing; call `keystroke` on every key, and the rest is done. */
export async function type({ chat, friend, conversationId }: Stage) {
  const room = chat.conversation(conversationId);
  const theirs = friend.conversation(conversationId).typing.users;
  room.typing.keystroke();
  const typing = await shows(theirs, (userIds) => userIds.length > 0);
  room.typing.stop();
  await shows(theirs, (userIds) => userIds.length === 0);
  return { typing: typing.length, mine: room.typing.users.getSnapshot().length };
}
