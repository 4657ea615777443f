import { describe, expect, it } from "vitest";
import { Ledger } from "./ledger.ts";

const confab = { hearsOwn: true, keepsOrder: true };

describe("ledger", () => {
  it("hears nothing wrong in 1, 2, 3", () => {
    const ledger = new Ledger(confab);
    for (const seq of [1, 2, 3]) ledger.hear(5, "c", seq, { sender: 1, number: seq });
    expect(ledger.testify(new Map())).toMatchObject({
      faults: [],
      disordered: 0,
      heard: [{ listener: 5, conversationId: "c", last: 3, count: 3 }],
    });
  });

  it.each([
    ["a hole", [1, 3]],
    ["a repeat", [1, 1]],
    ["another order", [2, 1]],
  ])("hears %s", (_name, seqs) => {
    const ledger = new Ledger(confab);
    for (const seq of seqs) ledger.hear(5, "c", seq, { sender: 1, number: seq });
    expect(ledger.testify(new Map()).faultCount).toBeGreaterThan(0);
  });

  it("lets those who do not hear themselves skip, but not go back", () => {
    const ledger = new Ledger({ hearsOwn: false, keepsOrder: true });
    for (const seq of [1, 3]) ledger.hear(5, "c", seq, { sender: 1, number: seq });
    expect(ledger.testify(new Map()).faultCount).toBe(0);
    ledger.hear(5, "c", 2, { sender: 1, number: 2 });
    expect(ledger.testify(new Map()).faultCount).toBe(1);
  });

  it("counts disorder where order is not promised", () => {
    const ledger = new Ledger({ hearsOwn: false, keepsOrder: false });
    for (const seq of [2, 1, 3]) ledger.hear(5, "c", seq, { sender: 1, number: seq });
    expect(ledger.testify(new Map())).toMatchObject({ faultCount: 0, disordered: 1 });
  });

  it("keeps conversations and listeners apart", () => {
    const ledger = new Ledger(confab);
    ledger.hear(5, "c", 1, { sender: 1, number: 0 });
    ledger.hear(5, "d", 1, { sender: 1, number: 1 });
    ledger.hear(6, "c", 1, { sender: 1, number: 0 });
    const { heard, faultCount } = ledger.testify(new Map());
    expect(faultCount).toBe(0);
    expect(heard).toHaveLength(3);
  });
});
