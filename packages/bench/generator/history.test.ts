import { expect, it } from "vitest";
import { wrongPage } from "./history.ts";

const page = (...seqs: number[]) => JSON.stringify({ items: seqs.map((seq) => ({ seq })) });

it("takes only the page that was asked for", () => {
  expect(wrongPage(page(7, 8, 9), 10, 3)).toBeUndefined();
  expect(wrongPage(page(1, 2), 3, 50)).toBeUndefined();
  expect(wrongPage(page(8, 9), 10, 3)).toBe("2 messages instead of 3");
  expect(wrongPage(page(6, 8, 9), 10, 3)).toBe("6 in place 0");
  expect(wrongPage(page(9, 8, 7), 10, 3)).toBe("9 in place 0");
});
