import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A public method or property of the SDK. */
export interface SdkMember {
  /** As it is reached from the variable that examples use, e.g. `chat.presence.watch`. */
  path: string;
  signature: string;
  about: string;
}

/** The variable that stands for each interface in every example. */
const VARIABLES: Record<string, string> = {
  ChatClient: "chat",
  ConversationHandle: "room",
  ThreadHandle: "thread",
  DraftHandle: "draft",
  Moderation: "chat.moderation",
  Auth: "auth",
  Publisher: "publisher",
};

/** What each public interface of the SDK has, in the order of its source. */
export function sdkMembers(folder: string): Map<string, SdkMember[]> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("test"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
  const found = new Map<string, SdkMember[]>();
  for (const [name, variable] of Object.entries(VARIABLES)) {
    const start = new RegExp(`^export interface ${name} \\{\\n`, "m");
    const text = files.find((source) => start.test(source));
    if (!text) continue;
    const from = text.search(start);
    const body = text.slice(text.indexOf("\n", from) + 1, text.indexOf("\n}", from));
    found.set(name, membersOf(body, variable, "  "));
  }
  return found;
}

/** Members stand at one depth, each ends with a semicolon at that depth; an object type has members of its own. */
function membersOf(body: string, owner: string, indent: string): SdkMember[] {
  const members: SdkMember[] = [];
  let comment: string[] = [];
  let lines: string[] = [];
  let isComment = false;
  for (const line of body.split("\n")) {
    const text = line.slice(indent.length);
    if (lines.length === 0 && text.startsWith("/**")) isComment = true;
    if (isComment) {
      comment.push(text.replace(/^\s*(\/\*\*|\*\/|\*)\s?/, "").replace(/\s*\*\/$/, ""));
      if (line.endsWith("*/")) isComment = false;
      continue;
    }
    lines.push(line);
    const isWhole = line.startsWith(indent) && !/^\s/.test(text) && line.endsWith(";");
    if (!isWhole) continue;
    const source = lines.map((one) => one.slice(indent.length)).join("\n");
    const name = /^(?:readonly )?(\w+)/.exec(source)?.[1] as string;
    const inner = /^(?:readonly )?\w+: \{\n([\s\S]*)\n\};$/.exec(source)?.[1];
    const path = `${owner}.${name}`;
    const isOfAnother = Object.values(VARIABLES).includes(path);
    if (inner !== undefined) members.push(...membersOf(inner, path, "  "));
    else if (!isOfAnother) {
      members.push({
        path,
        signature: withoutComments(source).replace(/^(?:readonly )?\w+/, path.replace(/^\w+\./, "")),
        about: comment.filter((one) => one !== "").join(" "),
      });
    }
    comment = [];
    lines = [];
  }
  return members;
}

const withoutComments = (source: string): string =>
  source
    .replace(/\s*\/\*\*[\s\S]*?\*\//g, "")
    .replace(/\s*\n\s*/g, " ")
    .replace(/\( /g, "(")
    .replace(/,? \)/g, ")")
    .replace(/;$/, "");
