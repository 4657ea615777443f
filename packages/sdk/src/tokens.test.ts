import { describe, expect, it } from "vitest";
import { createFakeClock } from "./testing/fake-clock.ts";
import { createTokens } from "./tokens.ts";

function counting() {
  const reasons: string[] = [];
  const ctx = { clock: createFakeClock(), random: () => 0, logger: { debug() {}, warn() {} } };
  const tokens = createTokens(ctx, async ({ reason }) => {
    reasons.push(reason);
    return `token ${reasons.length}`;
  });
  return { tokens, reasons };
}

describe("tokens", () => {
  it("asks once for everybody who needs one", async () => {
    const { tokens, reasons } = counting();
    expect(await Promise.all([tokens.current(), tokens.current(), tokens.fetch("connect")])).toEqual(
      Array(3).fill("token 1"),
    );
    expect(await tokens.current()).toBe("token 1");
    expect(reasons).toEqual(["connect"]);
  });

  it("replaces a refused token once, also for refusals that arrive late", async () => {
    const { tokens, reasons } = counting();
    const refused = await tokens.current();
    const replaced = await Promise.all([tokens.replace(refused), tokens.replace(refused)]);
    expect(replaced).toEqual(["token 2", "token 2"]);
    expect(await tokens.replace(refused)).toBe("token 2");
    expect(reasons).toEqual(["connect", "rejected"]);
  });

  it("refuses an empty token", async () => {
    const none = createTokens(
      { clock: createFakeClock(), random: () => 0, logger: { debug() {}, warn() {} } },
      () => "",
    );
    await expect(none.current()).rejects.toMatchObject({ code: "unauthenticated", reason: "no_token" });
  });
});
