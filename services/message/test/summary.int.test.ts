/** P6: the counts of a conversation are those of the revision that it names. */
import { insertConversation, insertMessages } from "@confab/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";

const MESSAGES = 60;
let place: Place;
let service: MessageService;
let ann: Person;
let ben: Person;
beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
  [ann, ben] = [await service.person(), await service.person()];
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

it("counts what is unread at the revision that it names, while messages are deleted", async () => {
  const conversationId = await insertConversation(place.stores, {
    kind: "group",
    memberIds: [ann.id, ben.id],
  });
  const ids = await insertMessages(place.stores, { conversationId, senderId: ann.id, count: MESSAGES });
  const read = async () => (await ben.get(`/v1/conversations/${conversationId}`)).body;
  const { revision: first } = await read();
  let deleting = true;
  const deletions = (async () => {
    for (const id of ids) await ann.delete(`/v1/messages/${id}`);
    deleting = false;
  })();
  const wrong: unknown[] = [];
  while (deleting) {
    for (const { revision, unreadCount, lastMessage } of await Promise.all([read(), read(), read()])) {
      const isLastDeleted = lastMessage.deletedAt !== null;
      if (unreadCount !== MESSAGES - (revision - first) || isLastDeleted !== (unreadCount === 0))
        wrong.push({ revision, unreadCount });
    }
  }
  await deletions;
  expect(wrong).toEqual([]);
});

it("tells of a mention however many unread messages lie before it", async () => {
  const conversationId = await insertConversation(place.stores, {
    kind: "group",
    memberIds: [ann.id, ben.id],
  });
  await insertMessages(place.stores, { conversationId, senderId: ann.id, count: 150 });
  await ann.post(`/v1/conversations/${conversationId}/messages`, { body: "you!", mentions: [ben.id] });
  const { body } = await ben.get(`/v1/conversations/${conversationId}`);
  expect(body).toMatchObject({ unreadCount: 100, mentionCount: 1 });
});
