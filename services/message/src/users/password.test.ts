import { describe, expect, it } from "vitest";
import { createPasswords } from "./password.ts";

describe("passwords", () => {
  it("are kept as argon2id with OWASP's cost, each with its own salt", async () => {
    const passwords = createPasswords(2);
    const [one, two] = await Promise.all([passwords.hash("same"), passwords.hash("same")]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await passwords.matches(one, "same")).toBe(true);
    expect(await passwords.matches(one, "other")).toBe(false);
  });

  it("of nobody match nothing, and take as long as a wrong one", async () => {
    const passwords = createPasswords(1);
    const stored = await passwords.hash("right");
    expect(await passwords.matches(null, "right")).toBe(false);
    // The shortest of several: what else the machine does only ever adds.
    const shortest = async (hash: string | null) => {
      const times: number[] = [];
      for (let n = 0; n < 8; n++) {
        const began = performance.now();
        await passwords.matches(hash, "wrong");
        times.push(performance.now() - began);
      }
      return Math.min(...times);
    };
    const [known, unknown] = [await shortest(stored), await shortest(null)];
    expect(unknown).toBeGreaterThan(known / 2);
  });

  it("are hashed a few at a time; a flood is shed and the rest get their turn", async () => {
    const passwords = createPasswords(2);
    const flood = await Promise.allSettled(Array.from({ length: 110 }, () => passwords.matches(null, "x")));
    const shed = flood.filter((one) => one.status === "rejected");
    expect(shed).toHaveLength(8);
    expect(shed[0]?.reason).toMatchObject({ code: "unavailable", reason: "overloaded", retryAfterMs: 2000 });
    expect(await passwords.matches(null, "x")).toBe(false);
  });
});
