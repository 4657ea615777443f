/** How deep a payload may nest: far beyond what any command needs, far before a recursive parser would suffer. */
const MAX_DEPTH = 20;

/**
 * What is wrong with data as Socket.IO decoded it, before a schema walks it: binary attachments, which no command
 * takes (and a schema for JSON may take for an object), or nesting that is there to hurt.
 */
export function findMisshape(payload: unknown): "binary" | "too_deep" | undefined {
  let level: unknown[] = [payload];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return "too_deep";
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== "object" || value === null) continue;
      if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return "binary";
      for (const inner of Object.values(value)) next.push(inner);
    }
    level = next;
  }
  return undefined;
}
