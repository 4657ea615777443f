import type { Message } from "@confab/sdk";
import { describe, expect, it } from "vitest";
import { putMessage } from "./replies.ts";

const message = (seq: number, revision: number): Message =>
  ({ id: String(seq), seq, revision, body: `${seq}.${revision}` }) as Message;
const bodies = (items: Message[]) => items.map((item) => item.body);

describe("replies in a thread", () => {
  it("stand by seq, once each, in their newest state", () => {
    const items = [message(3, 3), message(7, 7)];
    expect(bodies(putMessage(items, message(5, 5)))).toEqual(["3.3", "5.5", "7.7"]);
    expect(bodies(putMessage(items, message(7, 9)))).toEqual(["3.3", "7.9"]);
    expect(bodies(putMessage([message(7, 9)], message(7, 8)))).toEqual(["7.9"]);
  });
});
