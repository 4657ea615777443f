/** Placeholders of transcripts: put in what is said, looked for in what is heard. */
export type Values = Map<string, string>;

const NAME = String.raw`[a-z][\w.]*`;
const WHOLE = new RegExp(`^([$#])(${NAME})$`);
const INSIDE = new RegExp(`\\{(${NAME})\\}`, "g");
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

function lookUp(values: Values, name: string): string {
  const value = values.get(name);
  if (value === undefined) throw new Error(`nothing is called ${name}`);
  return value;
}

export function fill(values: Values, template: unknown): unknown {
  if (typeof template === "string") {
    const [, sign, name] = WHOLE.exec(template) ?? [];
    if (name === undefined) return template.replaceAll(INSIDE, (_match, inner) => lookUp(values, inner));
    return sign === "#" ? Number(lookUp(values, name)) : lookUp(values, name);
  }
  if (Array.isArray(template)) return template.map((item) => fill(values, item));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fill(values, value)]));
}

/** Whether something is as the pattern says, every field of it; binds what the pattern names for the first time. */
export function matches(values: Values, pattern: unknown, heard: unknown): boolean {
  const bound = new Map(values);
  if (!isLike(bound, pattern, heard)) return false;
  for (const [name, value] of bound) values.set(name, value);
  return true;
}

function isLike(values: Values, pattern: unknown, heard: unknown): boolean {
  if (typeof pattern === "string") return isText(values, pattern, heard);
  if (typeof pattern !== "object" || pattern === null) return Object.is(pattern, heard);
  if (typeof heard !== "object" || heard === null || Array.isArray(pattern) !== Array.isArray(heard))
    return false;
  const [wanted, got] = [Object.entries(pattern), heard as Record<string, unknown>];
  return (
    wanted.length === Object.keys(got).length &&
    wanted.every(([key, value]) => Object.hasOwn(got, key) && isLike(values, value, got[key]))
  );
}

function isText(values: Values, pattern: string, heard: unknown): boolean {
  if (pattern === "@any") return heard !== undefined;
  if (pattern === "@time") return typeof heard === "string" && TIME.test(heard);
  const [, sign, name] = WHOLE.exec(pattern) ?? [];
  if (name === undefined) return heard === fill(values, pattern);
  if (typeof heard !== (sign === "#" ? "number" : "string")) return false;
  if (!values.has(name)) values.set(name, String(heard));
  return values.get(name) === String(heard);
}
