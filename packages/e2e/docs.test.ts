import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createAuth, createChatClient } from "@confab/sdk";
import { createPublisher } from "@confab/sdk/server";
import { describe, expect, it } from "vitest";
import { referenceFiles } from "./docs/reference.ts";
import { withoutExample } from "./docs/sdk.ts";
import { sdkMembers } from "./docs/sdk-members.ts";

const root = resolve(import.meta.dirname, "../..");

it.each([...referenceFiles().keys()])("%s is what the sources say", (path) => {
  expect(readFileSync(join(root, path), "utf8"), "run: pnpm --filter @confab/e2e reference").toBe(
    referenceFiles().get(path),
  );
});

it("the README shows the lines that embed.test.ts runs", () => {
  const example = readFileSync(join(root, "packages/sdk/examples/embed.ts"), "utf8");
  const lines = /\{\n([\s\S]*?)\n {2}return/.exec(example)?.[1]?.replace(/^ {2}/gm, "");
  expect(lines?.split("\n")).toHaveLength(9);
  expect(readFileSync(join(root, "README.md"), "utf8")).toContain(
    lines?.replace("const chat", "\nconst chat").trim(),
  );
});

describe("the reference of the SDK", () => {
  const sdk = join(root, "packages/sdk");
  const members = sdkMembers(join(sdk, "src"));
  const named = (name: string, variable: string) =>
    (members.get(name) ?? []).map((member) => member.path.slice(variable.length + 1));

  it("has an example for each member", () => {
    expect(withoutExample(sdk), "add it to packages/sdk/examples, and run that in examples.test.ts").toEqual(
      [],
    );
  });

  it("has all that there is", () => {
    const url = "http://confab.test";
    const chat = createChatClient({ url, getToken: () => "" });
    expect(named("ChatClient", "chat").concat(named("Moderation", "chat")).sort()).toEqual(pathsOf(chat));
    expect(named("ConversationHandle", "room").sort()).toEqual(pathsOf(chat.conversation("1")));
    expect(named("Auth", "auth").sort()).toEqual(pathsOf(createAuth({ url })));
    expect(named("Publisher", "publisher").sort()).toEqual(pathsOf(createPublisher({ url, token: "" })));
  });
});

/** Names of what an object offers; a readable is one thing, any other object its parts. */
function pathsOf(value: object, prefix = ""): string[] {
  return Object.entries(value)
    .flatMap(([name, part]) =>
      typeof part === "object" && part !== null && !("getSnapshot" in part)
        ? pathsOf(part, `${prefix}${name}.`)
        : [`${prefix}${name}`],
    )
    .sort();
}
