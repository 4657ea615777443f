import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

/** house.md, "Who may import whom": a row that is not here may import nothing of ours. */
const EVERYTHING = Symbol("everything");
const MAY_IMPORT: Record<string, string[] | typeof EVERYTHING> = {
  "packages/contract": [],
  "packages/runtime": ["@confab/contract", "@confab/contract/internal"],
  // Its own name too: that is how its examples use it.
  "packages/sdk": ["@confab/contract", "@confab/sdk"],
  "packages/db": [],
  "packages/testkit": ["@confab/contract", "@confab/contract/internal", "@confab/runtime", "@confab/db"],
  "services/gateway": ["@confab/contract", "@confab/contract/internal", "@confab/runtime"],
  "services/message": [
    "@confab/contract",
    "@confab/contract/internal",
    "@confab/contract/docs",
    "@confab/runtime",
    "@confab/db",
  ],
  "services/presence": ["@confab/contract", "@confab/contract/internal", "@confab/runtime", "@confab/db"],
  "services/delivery": ["@confab/contract", "@confab/contract/internal", "@confab/runtime", "@confab/db"],
  "services/web": ["@confab/sdk", "@confab/sdk/react", "@confab/contract"],
  "packages/e2e": EVERYTHING,
  "packages/bench": EVERYTHING,
  "infra/local": EVERYTHING,
};
/** Only tests may use it. */
const TESTKIT = "@confab/testkit";

/** design.md section 2: only the owner writes a table. The demo seed and the migrations are the database's own. */
const TABLE_OWNERS: Record<string, string> = {
  users: "services/message",
  refresh_tokens: "services/message",
  service_tokens: "services/message",
  conversations: "services/message",
  messages: "services/message",
  reactions: "services/message",
  hidden_messages: "services/message",
  drafts: "services/message",
  thread_replies: "services/message",
  thread_members: "services/message",
  message_edits: "services/message",
  message_terms: "services/message",
  search_heads: "services/message",
  blocks: "services/message",
  bans: "services/message",
  reports: "services/message",
  audit_entries: "services/message",
  user_presence: "services/presence",
  notifications: "services/delivery",
};

const root = resolve(import.meta.dirname, "../..");
const workspaces = ["packages", "services", "infra"].flatMap((folder) =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && hasFile(join(root, folder, entry.name), "package.json"))
    .map((entry) => `${folder}/${entry.name}`),
);

function hasFile(folder: string, name: string): boolean {
  return readdirSync(folder).includes(name);
}

function sources(folder: string): { path: string; text: string }[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mts)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/(node_modules|dist|generated|artifacts)\//.test(relative(root, path)))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, "utf8") }));
}

const isTest = (path: string) => /\.test\.tsx?$|\/test\/|\/examples\//.test(path);
/** Written as an embedder would write it. */
const isExample = (path: string) => path.startsWith("packages/sdk/examples/");
const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:from|import\()\s*["']([^"']+)["']/g)].map((match) => match[1] as string);

describe.each(workspaces)("%s", (workspace) => {
  const files = sources(workspace);
  const allowed = MAY_IMPORT[workspace] ?? [];

  it("imports only what the table allows", () => {
    if (allowed === EVERYTHING) return;
    const broken = files.flatMap(({ path, text }) =>
      importsOf(text)
        .filter(
          (name) =>
            name.startsWith("@confab/") && !(isExample(path) && /^@confab\/sdk(\/server)?$/.test(name)),
        )
        .filter((name) => !allowed.includes(name) && !(isTest(path) && name === TESTKIT))
        .map((name) => `${path} imports ${name}`),
    );
    expect(broken).toEqual([]);
  });

  it("reaches into no other package by path", () => {
    const broken = files.flatMap(({ path, text }) =>
      importsOf(text)
        .filter((name) => name.startsWith(".") && !name.includes("/examples/"))
        .filter((name) => !relative(root, resolve(root, path, "..", name)).startsWith(`${workspace}/`))
        .map((name) => `${path} imports ${name}`),
    );
    expect(broken).toEqual([]);
  });

  it("reads the environment in its config alone, and has no file over 400 lines", () => {
    const code = files.filter(({ path }) => !isTest(path));
    const readsEnvironment = /process\.env\b/;
    const mayRead = /(^|\/)(config|main)\.ts$|^infra\/|\.config\.ts$|^packages\/(testkit|e2e)\/|\/cli\//;
    expect(
      code.filter(({ path, text }) => readsEnvironment.test(text) && !mayRead.test(path)).map((f) => f.path),
    ).toEqual([]);
    expect(files.filter(({ text }) => text.split("\n").length > 401).map((file) => file.path)).toEqual([]);
  });

  it("writes only the tables that it owns", () => {
    if (!workspace.startsWith("services/")) return;
    const broken = files
      .filter(({ path }) => !isTest(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/\b(?:INSERT(?: IGNORE)? INTO|UPDATE|DELETE FROM)\s+`?([a-z_]+)`?/g)]
          .map((match) => match[1] as string)
          .filter((table) => TABLE_OWNERS[table] !== undefined && TABLE_OWNERS[table] !== workspace)
          .map((table) => `${path} writes ${table}`),
      );
    expect(broken).toEqual([]);
  });
});

it("has a row for every workspace", () => {
  expect(workspaces.filter((workspace) => MAY_IMPORT[workspace] === undefined)).toEqual([]);
});
