import { insertConversation, insertMessages, until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteMessage } from "../src/messages/delete.ts";
import { editMessage } from "../src/messages/edit.ts";
import { indexConversations } from "../src/search/indexer.ts";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";
import { createMeter } from "./meter.ts";
import { type Talk, talkTo } from "./talk.ts";

let place: Place;
let service: MessageService;
let talk: Talk;
let ann: Person;
let ben: Person;
let eve: Person;
/** Ann and Ben. */
let room: string;

beforeAll(async () => {
  place = await createPlace();
  service = await place.start({ MESSAGE_INDEX_MS: "20" });
  talk = talkTo(service);
  [ann, ben, eve] = [await service.person(), await service.person(), await service.person()];
  room = await insertConversation(place.stores, { kind: "group", memberIds: [ann.id, ben.id] });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const refusal = ({ status, body }: { status: number; body: { reason: string } }) => [status, body.reason];
const say = async (from: Person, body: string, more: object = {}) =>
  (await talk.send({ from: from.id, conversationId: room, body, ...more })).message;

/** Until the index has everything that was committed before this. */
async function indexed() {
  const behind = () =>
    place.stores.query(`SELECT c.id FROM conversations c LEFT JOIN search_heads s ON s.conversation_id = c.id
      WHERE c.revision > COALESCE(s.revision, 0)`);
  const describe = "the index has caught up";
  await until(async () => (await behind()).length === 0, { timeoutMs: 15_000, describe });
}
const group = () => insertConversation(place.stores, { kind: "group", memberIds: [ann.id, ben.id] });
const pageOf = async (person: Person, query: string, more = "") => {
  const answer = await person.get(`/v1/search?query=${encodeURIComponent(query)}${more}`);
  expect(answer.status).toBe(200);
  return answer.body as {
    items: { message: { body: string; seq: number }; highlights: { start: number; length: number }[] }[];
    nextCursor: string | null;
  };
};
const found = async (person: Person, query: string, more = "") =>
  (await pageOf(person, query, more)).items.map(({ message }) => message.body);

describe("search", () => {
  it("finds words in any script, by their beginnings, newest first, and says where", async () => {
    for (const body of [
      "The quick brown fox",
      "a quicker way to London",
      "我们明天见面",
      "東京タワーへ行く",
      "ship it 🚀 now",
      "Crème brûlée",
      "Привет, мир",
      "I am at HQ",
      "안녕하세요 여러분",
    ])
      await say(ann, body);
    await indexed();
    expect(await found(ben, "quick")).toEqual(["a quicker way to London", "The quick brown fox"]);
    for (const [query, body] of [
      ["QUICK fox", "The quick brown fox"],
      ["明天", "我们明天见面"],
      ["タワー", "東京タワーへ行く"],
      ["京", "東京タワーへ行く"],
      ["🚀", "ship it 🚀 now"],
      ["creme", "Crème brûlée"],
      ["привет", "Привет, мир"],
      ["hq at", "I am at HQ"],
      ["안녕", "안녕하세요 여러분"],
      // The parser's own operators mean nothing.
      ["+quick -fox)", "The quick brown fox"],
    ] as const)
      expect(await found(ben, query), query).toEqual([body]);
    for (const query of ["quickest", "天明", "🛸", "***", "' OR 1=1"])
      expect(await found(ben, query), query).toEqual([]);
    const [hit] = (await pageOf(ben, "fox qui")).items;
    expect(hit?.highlights.map(({ start, length }) => hit.message.body.slice(start, start + length))).toEqual(
      ["quick", "fox"],
    );
  });

  it("follows edits and deletions, and never shows what is gone, however old the index is", async () => {
    const id = await group();
    const [first, second] = (await insertMessages(place.stores, {
      conversationId: id,
      senderId: ann.id,
      count: 2,
      body: (seq) => `zebra ${seq}`,
    })) as [string, string];
    // Whoever changes something indexes it: here that is nobody, and the service knows nothing of this conversation.
    await using meter = await createMeter(place);
    await indexConversations(meter.ctx, [id]);
    expect(await found(ben, "zebra")).toEqual(["zebra 2", "zebra 1"]);
    await editMessage(meter.ctx, { actorId: ann.id, messageId: first, body: "giraffe one" });
    await deleteMessage(meter.ctx, { actorId: ann.id, messageId: second, scope: "everyone" });
    expect(await found(ben, "zebra")).toEqual([]);
    expect(await found(ben, "giraffe")).toEqual([]);
    await ben.put(`/v1/messages/${first}/reactions/👍`);
    await indexed();
    expect(await found(ben, "zebra")).toEqual([]);
    expect(await found(ben, "giraffe")).toEqual(["giraffe one"]);
    const rows = await place.stores.query("SELECT terms FROM message_terms WHERE message_id IN (?, ?)", [
      first,
      second,
    ]);
    expect(rows).toEqual([{ terms: "w_giraffe w_one" }]);
  });

  it("has no words of what is sealed, and none of what Confab tells", async () => {
    const sealed = await insertConversation(place.stores, {
      kind: "group",
      memberIds: [ann.id, ben.id],
      encrypted: true,
    });
    await talk.send({ from: ann.id, conversationId: sealed, kind: "sealed", body: "walrus" });
    await ann.post("/v1/conversations", { kind: "group", title: "walrus watch", memberIds: [ben.id] });
    await indexed();
    expect(await found(ann, "walrus")).toEqual([]);
    expect(await place.stores.query("SELECT 1 FROM message_terms WHERE terms LIKE '%walrus%'")).toEqual([]);
  });

  it("walks through many hits in pages, in one conversation or in all", async () => {
    const other = await insertConversation(place.stores, { kind: "group", memberIds: [ann.id, ben.id] });
    for (let n = 0; n < 7; n++) {
      await say(ann, `otter ${n}`);
      await talk.send({ from: ann.id, conversationId: other, body: `otter ${n} too` });
    }
    await indexed();
    const walk = async (more: string) => {
      const seen: string[] = [];
      let cursor: string | null = "";
      while (cursor !== null) {
        const page = await pageOf(ben, "otter", `&limit=3${more}${cursor && `&cursor=${cursor}`}`);
        seen.push(...page.items.map(({ message }) => message.body));
        cursor = page.nextCursor;
      }
      return seen;
    };
    const backwards = [6, 5, 4, 3, 2, 1, 0];
    expect(await walk("")).toEqual(backwards.flatMap((n) => [`otter ${n} too`, `otter ${n}`]));
    expect(await walk(`&conversationId=${room}`)).toEqual(backwards.map((n) => `otter ${n}`));
    const [hit] = (await pageOf(ben, "otter", `&conversationId=${room}&limit=1`)).items;
    const jump = await ben.get(`/v1/conversations/${room}/messages?around=${hit?.message.seq}&limit=1`);
    expect(jump.body.items).toMatchObject([{ body: "otter 6" }]);
  });

  it("goes past candidates that are none to the hits behind them", async () => {
    for (let n = 0; n < 3; n++) await say(ann, "海狸小");
    for (let n = 0; n < 4; n++) await say(ann, "海狸 狸小海狗");
    await indexed();
    const page = await pageOf(ben, "海狸小", "&limit=2");
    expect(page.items.map(({ message }) => message.body)).toEqual(["海狸小", "海狸小"]);
    expect(page.nextCursor).not.toBe(null);
  });
});

describe("P9: search", () => {
  it("finds only what the person may see: not where they are not, not what they hid, not what they left", async () => {
    const message = await say(ann, "pangolin");
    await indexed();
    expect(await found(eve, "pangolin")).toEqual([]);
    expect(refusal(await eve.get(`/v1/search?query=pangolin&conversationId=${room}`))).toEqual([
      404,
      "conversation",
    ]);
    expect(refusal(await eve.get("/v1/search?query=pangolin&conversationId=999999999"))).toEqual([
      404,
      "conversation",
    ]);
    expect(await found(ben, "pangolin")).toEqual(["pangolin"]);
    await ben.delete(`/v1/messages/${message.id}?scope=me`);
    expect(await found(ben, "pangolin")).toEqual([]);
    expect(await found(ann, "pangolin")).toEqual(["pangolin"]);
    await ann.delete(`/v1/conversations/${room}/members/${ann.id}`);
    await ann.patch(`/v1/conversations/${room}/members/${ben.id}`, { role: "admin" });
    await ann.delete(`/v1/conversations/${room}/members/${ann.id}`);
    expect(await found(ann, "pangolin")).toEqual([]);
  });

  it("shows joiners nothing from before they came, where the group was made so", async () => {
    const made = await ann.post("/v1/conversations", {
      kind: "group",
      title: "from joining",
      memberIds: [ben.id],
      history: "joining",
    });
    const { id } = made.body;
    await talk.send({ from: ann.id, conversationId: id, body: "capybara before" });
    await ann.put(`/v1/conversations/${id}/members/${eve.id}`);
    await talk.send({ from: ann.id, conversationId: id, body: "capybara after" });
    await indexed();
    expect(await found(eve, "capybara")).toEqual(["capybara after"]);
    expect(await found(ben, "capybara")).toEqual(["capybara after", "capybara before"]);
  });
});

describe("the index", () => {
  it("finds at its start what was written while nobody indexed, and two at once agree", async () => {
    const id = await insertConversation(place.stores, { kind: "group", memberIds: [ben.id, eve.id] });
    await insertMessages(place.stores, {
      conversationId: id,
      senderId: ben.id,
      count: 450,
      body: (seq) => `armadillo ${seq}`,
    });
    await using one = await place.start();
    await using two = await place.start();
    await indexed();
    expect(await found(eve, "armadillo 450")).toEqual(["armadillo 450"]);
    expect(await found(eve, "armadillo 19", "&limit=1")).toEqual(["armadillo 199"]);
    const [row] = await place.stores.query(
      "SELECT COUNT(*) AS n FROM message_terms WHERE conversation_id = ?",
      [id],
    );
    expect([row?.n, one.url === two.url]).toEqual([450, false]);
  });

  it("goes on with the others when one conversation cannot be indexed, and takes it in when it can", async () => {
    const [sick, well] = [await group(), await group()];
    await place.stores.query(`CREATE TRIGGER refuse BEFORE INSERT ON message_terms FOR EACH ROW
      IF NEW.conversation_id = ${sick} THEN SIGNAL SQLSTATE '45000'; END IF`);
    for (let n = 1; n <= 3; n++) {
      for (const conversationId of [sick, well]) {
        await talk.send({ from: ann.id, conversationId, body: `narwhal ${n}` });
      }
      await until(async () => (await found(ben, `narwhal ${n}`)).length === 1, {
        timeoutMs: 15_000,
        describe: "what was said in the other is found",
      });
    }
    await place.stores.query("DROP TRIGGER refuse");
    await indexed();
    expect(await found(ben, "narwhal")).toHaveLength(6);
  });

  it("has the latest words, whoever edits how often while others index", async () => {
    await using other = await place.start({ MESSAGE_INDEX_MS: "10" });
    const { id: messageId } = (await talk.send({ from: eve.id, to: ben.id, body: "version zero" })).message;
    for (let n = 1; n <= 20; n++) {
      const payload = { messageId, body: `version ${n}` };
      await (n % 2 ? talkTo(other) : talk).command(eve.id, { name: "message:edit", payload });
    }
    await indexed();
    const [row] = await place.stores.query("SELECT terms FROM message_terms WHERE message_id = ?", [
      messageId,
    ]);
    expect(row?.terms).toBe("w_version w_20");
  });
});
