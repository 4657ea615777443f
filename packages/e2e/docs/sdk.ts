import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Example, examplesIn } from "./sdk-examples.ts";
import { type SdkMember, sdkMembers } from "./sdk-members.ts";

const INTRODUCTION = `How to begin, and what it promises: [packages/sdk](../../packages/sdk/README.md). Every example below is run by the tests, against all of Confab
(\`packages/sdk/examples\`, \`packages/e2e/examples.test.ts\`). In them \`chat\` is your client, \`room\` one of your conversations, and \`shows\` waits until a
\`Readable\` has what is asked for.`;

/** \`docs/generated/sdk.md\`: each member with what it does and the example that uses it. */
export function sdkReference(sdk: string): string {
  const examples = readExamples(sdk);
  const parts = [...sdkMembers(join(sdk, "src"))].map(([name, members]) => {
    const rows = members.map((member) => rowOf(member, examples));
    return [`## ${name}`, "", "| | | example |", "| --- | --- | --- |", ...rows].join("\n");
  });
  const shown = examples.map(({ name, about, code }) =>
    [`### ${name}`, "", about, "", "```ts", code.replace(/^export /, ""), "```"].join("\n"),
  );
  return ["# SDK", INTRODUCTION, ...parts, "## Examples", ...shown].join("\n\n");
}

/** Members that no example uses. */
export function withoutExample(sdk: string): string[] {
  const examples = readExamples(sdk);
  return [...sdkMembers(join(sdk, "src")).values()]
    .flat()
    .filter((member) => usersOf(member, examples).length === 0)
    .map((member) => member.path);
}

function readExamples(sdk: string): Example[] {
  const folder = join(sdk, "examples");
  const files = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  return files.sort().flatMap((name) => examplesIn(join(folder, name)));
}

const usersOf = ({ path }: SdkMember, examples: Example[]): Example[] =>
  examples.filter(({ code }) => new RegExp(`\\b${path.replaceAll(".", "\\.")}\\b`).test(code));

function rowOf(member: SdkMember, examples: Example[]): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const links = usersOf(member, examples).map(({ name }) => `[${name}](#${name.toLowerCase()})`);
  return `| \`${cell(member.signature)}\` | ${cell(member.about)} | ${links.slice(0, 3).join(", ")} |`;
}
