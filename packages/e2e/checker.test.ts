import { describe, expect, it } from "vitest";
import { momentaryFaults, type Run, type ShownMessage, type Stored, violations } from "./chaos/checker.ts";

const row = (seq: number): Stored & ShownMessage => ({
  conversationId: "1",
  id: `10${seq}`,
  seq,
  clientMessageId: `key-${seq}`,
  body: `body ${seq}`,
  kind: "text",
  mine: false,
});
const mark = (deliveredSeq: number, readSeq: number) => ({
  conversationId: "1",
  userId: "bo",
  deliveredSeq,
  readSeq,
  lastSeq: 3,
});

/** Three messages, all well. */
function goodRun(): Run {
  const stored = [row(1), row(2), row(3)];
  return {
    acked: stored.map((message) => ({ ...message, body: message.body ?? "" })),
    invoked: new Set(stored.map((message) => message.clientMessageId)),
    stored,
    screens: [{ device: "bo's phone", conversationId: "1", messages: stored.slice(1), regressions: [] }],
    watermarks: [[mark(1, 0)], [mark(3, 2)]],
    effects: [
      { userId: "bo", conversationId: "1", fromSeq: 1, toSeq: 2 },
      { userId: "bo", conversationId: "1", fromSeq: 3, toSeq: 3 },
    ],
    absent: [{ userId: "bo", conversationId: "1" }],
  };
}

const broken: [string, RegExp, (run: Run) => void][] = [
  ["an acknowledged message is not stored", /lost/, (run) => run.stored.pop()],
  [
    "a message is stored twice",
    /stored 2 times/,
    (run) => run.stored.push({ ...row(4), clientMessageId: "key-1" }),
  ],
  [
    "a message is stored under another seq",
    /acknowledged as/,
    (run) => Object.assign(run.acked[0] ?? {}, { seq: 9 }),
  ],
  ["a seq is missing", /not dense/, (run) => run.stored.splice(1, 1)],
  ["something is stored that nobody sent", /ghost/, (run) => run.invoked.delete("key-2")],
  ["a screen lacks the last message", /shows "undefined"/, (run) => run.screens[0]?.messages.pop()],
  [
    "a screen shows one too many",
    /where "undefined" is stored/,
    (run) => run.screens[0]?.messages.push(row(4)),
  ],
  ["a screen shows another order", /shows/, (run) => run.screens[0]?.messages.reverse()],
  [
    "a screen was wrong on the way",
    /2 shown after 3/,
    (run) => run.screens[0]?.regressions.push("2 shown after 3"),
  ],
  ["a receipt goes back", /went back/, (run) => run.watermarks.push([mark(2, 2)])],
  ["read is ahead of delivered", /out of bounds/, (run) => run.watermarks.push([mark(3, 4)])],
  [
    "an effect happens twice",
    /notified twice/,
    (run) => run.effects.push({ userId: "bo", conversationId: "1", fromSeq: 2, toSeq: 3 }),
  ],
  ["somebody away is not told of the end", /not notified: bo of 3 to 3/, (run) => run.effects.pop()],
];

describe("violations", () => {
  it("finds nothing in a good run", () => expect(violations(goodRun())).toEqual([]));

  it.each(broken)("notices when %s", (_what, expected, breakIt) => {
    const run = goodRun();
    breakIt(run);
    expect(violations(run).join("\n")).toMatch(expected);
  });
});

it("notices a hole, a repeat and a wrong order on a screen", () => {
  expect(momentaryFaults([row(1), row(2)])).toEqual([]);
  expect(momentaryFaults([row(1), row(3)])).toEqual(["3 shown after 1"]);
  expect(momentaryFaults([row(2), row(1)])).toEqual(["1 shown after 2"]);
  expect(momentaryFaults([row(1), row(1)])).toHaveLength(2);
  const own = { ...row(3), mine: true };
  expect(momentaryFaults([row(1), own])).toEqual([]);
  expect(momentaryFaults([own, row(1)])).toHaveLength(1);
  expect(momentaryFaults([own, { ...own, clientMessageId: "another" }])).toHaveLength(1);
});
