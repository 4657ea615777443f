import { readFileSync } from "node:fs";

export interface Example {
  name: string;
  /** What it is about, from its comment. */
  about: string;
  /** The function, as it stands in the file. */
  code: string;
}

const FUNCTION =
  /^(?:\/\*\* (?<about>[^\n]*?) \*\/\n)?(?<code>export async function (?<name>\w+)[\s\S]*?\n\})$/gm;

/** The exported functions of a file of examples; what helps them is not async, or not exported. */
export function examplesIn(path: string): Example[] {
  return [...readFileSync(path, "utf8").matchAll(FUNCTION)].map(({ groups }) => ({
    name: groups?.name as string,
    about: groups?.about ?? "",
    code: groups?.code as string,
  }));
}
