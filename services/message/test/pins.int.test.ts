import { insertConversation } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";
import { type Talk, talkTo } from "./talk.ts";

let place: Place;
let service: MessageService;
let talk: Talk;
let ann: Person;
let ben: Person;
let eve: Person;

beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
  talk = talkTo(service);
  [ann, ben, eve] = [await service.person(), await service.person(), await service.person()];
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const pinsOf = async (person: Person, id: string): Promise<string[]> =>
  (await person.get(`/v1/conversations/${id}/pins`)).body.items.map(({ body }: { body: string }) => body);

describe("what is pinned", () => {
  it("is listed pinned last first, without what was deleted, or is not the reader's to see", async () => {
    const id = await insertConversation(place.stores, { kind: "group", memberIds: [ann.id, ben.id] });
    const messageIds: string[] = [];
    for (const body of ["first", "second", "third", "fourth"]) {
      messageIds.push((await talk.send({ from: ann.id, conversationId: id, body })).message.id);
    }
    expect(await pinsOf(ann, id)).toEqual([]);
    const [first, second, third, fourth] = messageIds as [string, string, string, string];
    for (const messageId of [third, first, second, fourth]) {
      await talk.command(ben.id, { name: "message:pin", payload: { messageId } });
    }
    expect(await pinsOf(ann, id)).toEqual(["fourth", "second", "first", "third"]);
    await talk.command(ann.id, { name: "message:delete", payload: { messageId: third, scope: "everyone" } });
    await talk.command(ben.id, { name: "message:delete", payload: { messageId: second, scope: "me" } });
    await talk.command(ben.id, { name: "message:unpin", payload: { messageId: fourth } });
    expect(await pinsOf(ann, id)).toEqual(["second", "first"]);
    expect(await pinsOf(ben, id)).toEqual(["first"]);
    expect((await eve.get(`/v1/conversations/${id}/pins`)).status).toBe(404);
  });
});
