import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { insertConversation, until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";

const CLI = fileURLToPath(new URL("../src/cli/service-token.ts", import.meta.url));

let place: Place;
let service: MessageService;
let ann: Person;
beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
  ann = await service.person("ann");
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

interface Ended {
  code: number;
  out: string;
  err: string;
}
/** The command as an operator runs it. */
function run(args: string[], mysqlUrl = place.stores.mysqlUrl): Promise<Ended> {
  const env = { PATH: process.env.PATH, MYSQL_URL: mysqlUrl };
  return new Promise((resolve) => {
    execFile(process.execPath, ["--conditions=@confab/source", CLI, ...args], { env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out: out.trim(), err });
    });
  });
}
/** A secret may begin with, hold or end with an underscore. */
function partsOf(token: string): { id: string; secret: string } {
  const [, id, secret] = /^cfs_([0-9a-f]{16})_([\w-]{43})$/.exec(token) ?? [];
  if (!id || !secret) throw new Error("not a service token");
  return { id, secret };
}
const publish = (token: string, item: object) =>
  service.call("POST", "/v1/publish", {
    token,
    body: {
      items: [{ to: ann.id, clientMessageId: crypto.randomUUID(), body: "Your order is ready", ...item }],
    },
  });

describe("the service-token command", () => {
  it("prints a token once, which then publishes as the service", async () => {
    const { code, out } = await run(["create", "--name", "orders"]);
    expect(code).toBe(0);
    const { secret } = partsOf(out);
    const answer = await publish(out, {});
    expect(answer).toMatchObject({ status: 200, body: { results: [{ seq: 1, duplicate: false }] } });
    const [message] = (await ann.get(`/v1/conversations/${answer.body.results[0].conversationId}/messages`))
      .body.items;
    expect((await ann.get(`/v1/users/${message.senderId}`)).body).toMatchObject({
      displayName: "orders",
      kind: "service",
      username: null,
    });
    expect(JSON.stringify(await place.stores.query("SELECT * FROM service_tokens"))).not.toContain(secret);
    const renewed = (await run(["create", "--name", "orders"])).out;
    const again = await publish(renewed, {});
    expect(again.body.results[0]).toMatchObject({ seq: 2 });
  });

  it("makes a token that moderates, and publishes nothing", async () => {
    const { out: token } = await run(["create", "--name", "trust", "--moderation"]);
    const reports = await service.call("GET", "/v1/moderation/reports", { token });
    expect(reports).toMatchObject({ status: 200, body: { items: [], nextCursor: null } });
    expect(await publish(token, {})).toMatchObject({ status: 403, body: { reason: "scope" } });
  });

  it("makes a token for as much as was asked for", async () => {
    const id = await insertConversation(place.stores, { kind: "group", memberIds: [ann.id] });
    const { out } = await run([
      "create",
      "--name",
      "narrow",
      "--conversations",
      id,
      "--kinds",
      "text,system",
    ]);
    const into = (conversationId: string, more: object = {}) =>
      publish(out, { to: undefined, conversationId, ...more });
    expect((await into(id)).body.results[0]).toMatchObject({ seq: 1 });
    expect((await into(id, { kind: "system" })).body.results[0]).toMatchObject({ seq: 2 });
    for (const refused of [into(id, { kind: "code" }), into(id, { senderId: ann.id }), publish(out, {})]) {
      expect((await refused).body.results[0].error).toMatchObject({ code: "forbidden" });
    }
    const speaker = (await run(["create", "--name", "speaker", "--on-behalf"])).out;
    const { results } = (await publish(speaker, { to: undefined, conversationId: id, senderId: ann.id }))
      .body;
    expect(results[0]).toMatchObject({ seq: 3 });
  });

  it("lists tokens without their secrets, and revokes them within seconds", async () => {
    const { out } = await run(["create", "--name", "short-lived", "--days", "1"]);
    const { id, secret } = partsOf(out);
    const listed = await run(["list"]);
    expect(listed.out).toContain(`"id":"${id}"`);
    expect(listed.out).not.toContain(secret);
    expect((await publish(out, {})).status).toBe(200);
    expect(await run(["revoke", id])).toMatchObject({ code: 0 });
    await until(async () => (await publish(out, {})).status === 401, { timeoutMs: 20_000, everyMs: 250 });
    expect((await run(["list"])).out).not.toContain(id);
    expect(await run(["revoke", id])).toMatchObject({ code: 1 });
  }, 90_000);

  it("makes tokens that end", async () => {
    const { out } = await run(["create", "--name", "ended", "--days", "1"]);
    const { id } = partsOf(out);
    await place.stores.query(
      "UPDATE service_tokens SET expires_at = NOW(3) - INTERVAL 1 SECOND WHERE id = ?",
      [id],
    );
    expect(await publish(out, {})).toMatchObject({ status: 401, body: { reason: "token_invalid" } });
  });

  it("refuses a secret that differs in its last character", async () => {
    const { out } = await run(["create", "--name", "exact"]);
    const last = out.at(-1) === "A" ? "E" : "A";
    expect((await publish(out.slice(0, -1) + last, {})).status).toBe(401);
    expect((await publish(out, {})).status).toBe(200);
    expect((await publish(out.slice(0, -1) + last, {})).status).toBe(401);
  });

  it.each([
    [[], /create --name/],
    [["create"], /name/],
    [["create", "--name", "x", "--kinds", "shout"], /kinds/],
    [["create", "--name", "x", "--conversations", "abc"], /conversations/],
    [["create", "--name", "x", "--days", "0"], /days/],
    [["create", "--nome", "x"], /nome/],
    [["revoke"], /create --name/],
  ])("says what is wrong with %j", async (args, message) => {
    const ended = await run(args);
    expect(ended.code).toBe(1);
    expect(ended.out).toBe("");
    expect(ended.err).toMatch(message);
  });

  it("says so when MySQL cannot be used", async () => {
    const ended = await run(["list"], "mysql://nobody@127.0.0.1:1/none");
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(/cannot use MySQL/);
  });
});
