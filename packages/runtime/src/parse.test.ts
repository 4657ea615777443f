import { Body } from "@confab/contract";
import { expect, it } from "vitest";
import { z } from "zod";
import { parseInput } from "./parse.ts";

const schema = z.strictObject({ message: z.strictObject({ body: Body }) });

it("names the field at fault", () => {
  expect(() => parseInput(schema, { message: { body: 7 } })).toThrow(
    expect.objectContaining({ code: "invalid", reason: "invalid:message.body" }),
  );
  expect(() => parseInput(schema, null)).toThrow(expect.objectContaining({ reason: "invalid:payload" }));
});

it("tells what is too large from what is wrong", () => {
  expect(() => parseInput(schema, { message: { body: "x".repeat(20_000) } })).toThrow(
    expect.objectContaining({ code: "too_large" }),
  );
});
