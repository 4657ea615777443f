import { createRandom } from "@confab/testkit";
import { expect, it } from "vitest";
import { advance } from "./mark.ts";

const start = { deliveredSeq: 4, readSeq: 2 };

it("a mark moves watermarks forward, up to the head, and reading implies delivery", () => {
  expect(advance(start, { deliveredSeq: 6 }, 9)).toEqual({ deliveredSeq: 6, readSeq: 2 });
  expect(advance(start, { readSeq: 7 }, 9)).toEqual({ deliveredSeq: 7, readSeq: 7 });
  expect(advance(start, { deliveredSeq: 1, readSeq: 1 }, 9)).toEqual(start);
  expect(advance(start, { deliveredSeq: 50, readSeq: 50 }, 9)).toEqual({ deliveredSeq: 9, readSeq: 9 });
  expect(advance(start, {}, 9)).toEqual(start);
});

it("the order of marks makes no difference to where they end", () => {
  const random = createRandom(7);
  const marks = Array.from({ length: 30 }, () =>
    random.chance(0.5) ? { readSeq: random.int(0, 12) } : { deliveredSeq: random.int(0, 12) },
  );
  const end = (list: typeof marks) => list.reduce((from, mark) => advance(from, mark, 10), start);
  for (let n = 0; n < 20; n++) expect(end(random.shuffle(marks))).toEqual(end(marks));
});
