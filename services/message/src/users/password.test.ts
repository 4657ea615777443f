import { verify } from "@node-rs/argon2";
import { describe, expect, it, vi } from "vitest";
import { createPasswords } from "./password.ts";

vi.mock("@node-rs/argon2", { spy: true });

describe("passwords", () => {
  it("are kept as argon2id with OWASP's cost, each with its own salt", async () => {
    const passwords = createPasswords(2);
    const [one, two] = await Promise.all([passwords.hash("same"), passwords.hash("same")]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect(await passwords.matches(one, "same")).toBe(true);
    expect(await passwords.matches(one, "other")).toBe(false);
  });

  it("of nobody match nothing, and are as much work as a wrong one", async () => {
    const passwords = createPasswords(1);
    const stored = await passwords.hash("right");
    for (const [kept, password] of [
      [stored, "wrong"],
      [null, "right"],
    ] as const) {
      vi.mocked(verify).mockClear();
      expect(await passwords.matches(kept, password)).toBe(false);
      const work = vi.mocked(verify).mock.calls.map(([hash, tried]) => [String(hash).slice(0, 31), tried]);
      expect(work).toEqual([["$argon2id$v=19$m=19456,t=2,p=1$", password]]);
    }
  });

  it("are hashed a few at a time; a flood is shed and the rest get their turn", async () => {
    const passwords = createPasswords(2);
    const flood = await Promise.allSettled(Array.from({ length: 110 }, () => passwords.matches(null, "x")));
    const shed = flood.filter((one) => one.status === "rejected");
    expect(shed).toHaveLength(8);
    expect(shed[0]?.reason).toMatchObject({ code: "unavailable", reason: "overloaded", retryAfterMs: 2000 });
    expect(await passwords.matches(null, "x")).toBe(false);
  }, 60_000);
});
