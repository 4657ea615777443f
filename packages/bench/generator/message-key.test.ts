import { ClientMessageId } from "@confab/contract";
import { expect, it } from "vitest";
import { readKey, readKeyBytes, writeKey } from "./message-key.ts";

it.each([
  { sender: 0, number: 0 },
  { sender: 10_099, number: 123_456 },
  { sender: 2 ** 32 - 1, number: 2 ** 32 - 1 },
])("is a UUID that says what it stands for: $sender/$number", (key) => {
  const uuid = writeKey(key);
  expect(ClientMessageId.parse(uuid)).toBe(uuid);
  expect(readKey(uuid)).toEqual(key);
  expect(readKeyBytes(Buffer.from(uuid.replaceAll("-", ""), "hex"))).toEqual(key);
});
