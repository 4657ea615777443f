import { describe, expect, it } from "vitest";
import { SendMessage } from "./commands.ts";
import { Body, Metadata } from "./entities.ts";
import { LIMITS } from "./limits.ts";

describe("Body", () => {
  it("counts UTF-8 bytes, not characters", () => {
    const threeBytes = "€";
    expect(Body.safeParse(threeBytes.repeat(Math.floor(LIMITS.bodyBytes / 3))).success).toBe(true);
    expect(Body.safeParse(threeBytes.repeat(Math.ceil(LIMITS.bodyBytes / 3) + 1)).success).toBe(false);
    expect(Body.safeParse("a".repeat(LIMITS.bodyBytes)).success).toBe(true);
    expect(Body.safeParse("a".repeat(LIMITS.bodyBytes + 1)).success).toBe(false);
  });

  it("refuses half a surrogate pair, which MySQL could not store", () => {
    expect(Body.safeParse("\ud83d").success).toBe(false);
    expect(Body.safeParse("😀").success).toBe(true);
  });
});

describe("Metadata", () => {
  it("is bounded once serialised", () => {
    expect(Metadata.safeParse({ note: "x".repeat(LIMITS.customBytes - 11) }).success).toBe(true);
    expect(Metadata.safeParse({ note: "x".repeat(LIMITS.customBytes) }).success).toBe(false);
  });

  it("is no deeper and no stranger than every database stores", () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(Metadata.safeParse({ a: nested(LIMITS.metadataLevels - 1) }).success).toBe(true);
    expect(Metadata.safeParse({ a: nested(LIMITS.metadataLevels) }).success).toBe(false);
    const abyss = JSON.parse(`${"[".repeat(50_000)}1${"]".repeat(50_000)}`);
    expect(Metadata.safeParse({ a: abyss }).success).toBe(false);
    expect(Metadata.safeParse({ a: "\ud800" }).success).toBe(false);
    expect(Metadata.safeParse({ "\ud800": 1 }).success).toBe(false);
    expect(Metadata.safeParse({ a: "😀" }).success).toBe(true);
  });
});

describe("SendMessage", () => {
  const clientMessageId = "0198F0A1-0000-4000-8000-000000000001";
  const parse = (message: object) => SendMessage.safeParse({ clientMessageId, body: "hi", ...message });

  it("takes exactly one destination", () => {
    expect(parse({ conversationId: "12" }).success).toBe(true);
    expect(parse({ to: "alice" }).success).toBe(true);
    expect(parse({}).success).toBe(false);
    expect(parse({ conversationId: "12", to: "alice" }).success).toBe(false);
  });

  it("keeps its key in one spelling, so that a retry in another case is still the same message", () => {
    expect(parse({ to: "alice" }).data?.clientMessageId).toBe(clientMessageId.toLowerCase());
  });

  it("wants words in a text and only there", () => {
    expect(parse({ to: "alice", body: " \n" }).success).toBe(false);
    expect(parse({ to: "alice", body: null, kind: "image" }).success).toBe(true);
  });

  it("refuses fields that are not in the contract, __proto__ among them", () => {
    expect(parse({ to: "alice", senderId: "mallory" }).success).toBe(false);
    const crafted: unknown = JSON.parse(
      `{"to":"alice","body":"hi","clientMessageId":"${clientMessageId}","__proto__":{"admin":true}}`,
    );
    const result = SendMessage.safeParse(crafted);
    expect(result.success && "admin" in result.data).toBe(false);
  });

  it("refuses ids that a number could not hold", () => {
    expect(parse({ conversationId: "99999999999999999" }).success).toBe(false);
    expect(parse({ conversationId: "012" }).success).toBe(false);
  });
});

describe("a custom message", () => {
  const parse = (message: object) =>
    SendMessage.safeParse({
      clientMessageId: "0198f0a1-0000-4000-8000-000000000001",
      to: "alice",
      kind: "custom",
      schemaId: "acme.order/2",
      ...message,
    });

  it("names its schema, and only such a one does", () => {
    expect(parse({ metadata: { total: 7 } }).success).toBe(true);
    expect(parse({ schemaId: null }).success).toBe(false);
    expect(parse({ schemaId: " spaces " }).success).toBe(false);
    expect(parse({ kind: "text", body: "hi" }).success).toBe(false);
  });

  it("alone may be large, up to its own size", () => {
    const note = (bytes: number) => ({ note: "x".repeat(bytes - 11) });
    expect(parse({ metadata: note(LIMITS.customBytes) }).success).toBe(true);
    const error = parse({ metadata: note(LIMITS.customBytes + 1) }).error?.issues[0];
    expect(error).toMatchObject({ path: ["metadata"], params: { code: "too_large" } });
    const text = parse({
      kind: "text",
      schemaId: null,
      body: "hi",
      metadata: note(LIMITS.metadataBytes + 1),
    });
    expect(text.error?.issues[0]).toMatchObject({ path: ["metadata"], params: { code: "too_large" } });
  });
});
