import { describe, expect, it } from "vitest";
import { loadDraft, saveDraft } from "./drafts.ts";

const memory = () => {
  const entries = new Map<string, string>();
  return {
    entries,
    getItem: (key: string) => entries.get(key) ?? null,
    setItem: (key: string, value: string) => void entries.set(key, value),
    removeItem: (key: string) => void entries.delete(key),
  };
};

describe("drafts", () => {
  it("keeps people and conversations apart", () => {
    const storage = memory();
    saveDraft(storage, "ann", "1", "hello ");
    expect(loadDraft(storage, "ann", "1")).toBe("hello ");
    expect(loadDraft(storage, "ann", "2")).toBe("");
    expect(loadDraft(storage, "bob", "1")).toBe("");
  });

  it("forgets a blank one", () => {
    const storage = memory();
    saveDraft(storage, "ann", "1", "x");
    saveDraft(storage, "ann", "1", "  ");
    expect(storage.entries.size).toBe(0);
  });

  it("does not throw when the storage is full", () => {
    const full = {
      ...memory(),
      setItem: () => {
        throw new DOMException("full", "QuotaExceededError");
      },
    };
    expect(() => saveDraft(full, "ann", "1", "x")).not.toThrow();
  });
});
