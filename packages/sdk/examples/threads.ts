import { type Stage, shows } from "./stage.ts";

/** Replies beside the conversation, with a watermark of their own; who begins or answers follows. */
export async function answerInAThread({ chat, friend, conversationId }: Stage) {
  const room = chat.conversation(conversationId);
  const root = await room.send({ body: "Where to?" }).delivered;
  const thread = room.thread(root.id);
  const close = thread.open();
  await friend.conversation(conversationId).thread(root.id).send({ body: "Lisbon" }).delivered;
  await thread.send({ body: "By train?" }).delivered;
  const { items, hasOlder } = await shows(thread.view, (view) => view.items.length === 2);
  if (hasOlder) await thread.loadOlder();
  await thread.markRead(items.at(-1)?.seq ?? 0);
  close();
  return { rootId: thread.rootId === root.id, bodies: items.map((message) => message.body) };
}

/** Threads that you follow, latest reply first. */
export async function followThreads({ chat, friend, conversationId }: Stage) {
  const theirs = friend.conversation(conversationId);
  const root = await theirs.send({ body: "Lunch?" }).delivered;
  await theirs.thread(root.id).send({ body: "At noon?" }).delivered;
  const thread = chat.conversation(conversationId).thread(root.id);
  await thread.follow();
  const { items } = await chat.threads({ limit: 20 });
  await thread.unfollow();
  const later = await chat.threads();
  return [items.map(({ rootId }) => rootId === root.id), later.items.length];
}

/** What is typed and not sent, on all of a person's devices; a thread has its own. */
export async function keepADraft({ chat, friend, conversationId }: Stage) {
  const room = chat.conversation(conversationId);
  const draft = room.draft();
  draft.set({ body: "I was about to s" });
  const { body } = await shows(draft.text, (text) => text.body !== "");
  draft.clear();
  const root = await friend.conversation(conversationId).send({ body: "Well?" }).delivered;
  const thread = room.thread(root.id);
  thread.draft.set({ body: "Well, …" });
  return { body, cleared: draft.text.getSnapshot().body, other: thread.draft.text.getSnapshot().body };
}
