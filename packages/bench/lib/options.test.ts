import { expect, it } from "vitest";
import { FULL, withArguments } from "./options.ts";

it("puts what was given in place of what is usual", () => {
  expect(withArguments(FULL, { seconds: "5", windows: "2,4", systems: "seed" })).toEqual({
    ...FULL,
    seconds: 5,
    windows: [2, 4],
    systems: ["seed"],
  });
});

it.each([{ second: "5" }, { seconds: "x" }, { seconds: "1,2" }, { windows: "0" }, { systems: "xmpp" }])(
  "refuses %o",
  (given) => {
    expect(() => withArguments(FULL, given as unknown as Record<string, string>)).toThrow();
  },
);
