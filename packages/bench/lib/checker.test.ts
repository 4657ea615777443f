import { describe, expect, it } from "vitest";
import { addToDigest, emptyDigest } from "../generator/digest.ts";
import type { Heard } from "../generator/ledger.ts";
import { type Observed, type Stored, violations } from "./checker.ts";

const row = (seq: number, sender: number, number: number): Stored => ({ seq, sender, number });
const ROWS = [row(1, 0, 0), row(2, 1, 0), row(3, 0, 1)];

function heard(listener: number, rows: Stored[]): Heard {
  const one = { listener, conversationId: "c", ...emptyDigest() };
  for (const { seq, ...key } of rows) addToDigest(one, seq, key);
  return one;
}

/** Two people, three messages, everything as it should be; each test spoils one thing. */
const good = (): Observed => ({
  stored: new Map([["c", [...ROWS]]]),
  acked: new Map([["c", ROWS.flatMap(({ seq, sender, number }) => [seq, sender, number])]]),
  open: new Map(),
  heard: [heard(0, ROWS), heard(1, ROWS)],
  listeners: [0, 1].map((listener) => ({ listener, conversationId: "c" })),
  promises: { hearsOwn: true, keepsOrder: true },
});

describe("checker", () => {
  it("has nothing against a good run", () => {
    expect(violations(good())).toEqual([]);
  });

  it("finds what was acknowledged and is not stored", () => {
    const run = good();
    run.stored.set("c", ROWS.slice(0, 2));
    expect(violations(run).join()).toContain("lost: c/3");
  });

  it("finds what was stored as something else than was acknowledged", () => {
    const run = good();
    run.stored.set("c", [...ROWS.slice(0, 2), row(3, 0, 9)]);
    expect(violations(run).join()).toContain("c/3 was acknowledged as 0/1, stored as 0/9");
  });

  it("finds an acknowledgement that was given twice", () => {
    const run = good();
    run.acked.get("c")?.push(3, 0, 1);
    expect(violations(run).join()).toContain("acknowledged twice");
  });

  it("finds a message that is stored twice, and one that nobody sent", () => {
    const twice = good();
    twice.stored.set("c", [...ROWS, row(4, 0, 1)]);
    expect(violations(twice).join()).toContain("ghost: c/4");
    const foreign = good();
    foreign.stored.set("c", [...ROWS, row(4, 7, 0)]);
    expect(violations(foreign).join()).toContain("ghost: c/4");
  });

  it("allows what had no answer to be stored, or not", () => {
    const run = good();
    run.open.set("c", [1, 1, 1, 2]);
    expect(violations(run)).toEqual([]);
    run.stored.set("c", [...ROWS, row(4, 1, 1)]);
    run.heard = [0, 1].map((listener) => heard(listener, run.stored.get("c") ?? []));
    expect(violations(run)).toEqual([]);
  });

  it("finds a hole in the seqs", () => {
    const run = good();
    run.stored.set("c", [row(1, 0, 0), row(3, 0, 1)]);
    expect(violations(run).join()).toContain("c has 3 in place 2");
  });

  it("finds a delivery that is missing, double, changed, or out of order", () => {
    const [first, second, third] = ROWS as [Stored, Stored, Stored];
    for (const rows of [
      [first, second],
      [first, second, third, third],
      [first, second, { ...third, number: 8 }],
      [second, first, third],
      [],
    ]) {
      const run = good();
      run.heard = [heard(0, ROWS), heard(1, rows)];
      expect(violations(run).join()).toContain("person 1 heard");
    }
  });

  it("expects of those who do not hear themselves what the others wrote, in any order if none is promised", () => {
    const run = good();
    run.promises = { hearsOwn: false, keepsOrder: false };
    run.heard = [heard(0, [row(2, 1, 0)]), heard(1, [row(3, 0, 1), row(1, 0, 0)])];
    expect(violations(run)).toEqual([]);
    run.heard = [heard(0, [row(2, 1, 0)]), heard(1, [row(3, 0, 1), row(3, 0, 1)])];
    expect(violations(run).join()).toContain("person 1 heard");
  });

  it("does not bury its reader", () => {
    const run = good();
    run.stored.set(
      "c",
      Array.from({ length: 100 }, (_, index) => row(index + 1, 9, index)),
    );
    const faults = violations(run);
    expect(faults).toHaveLength(21);
    expect(faults.at(-1)).toMatch(/^and \d+ more$/);
  });
});
