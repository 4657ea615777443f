import { d000 } from "./d000.ts";
import { d001 } from "./d001.ts";
import { d002 } from "./d002.ts";
import { d003 } from "./d003.ts";
import { d004 } from "./d004.ts";
import type { Dialect } from "./dialect.ts";

export * from "./dialect.ts";

/** All there are; another one is a file beside these and a name here. */
export const DIALECTS: readonly Dialect[] = [d000, d001, d002, d003, d004];

/**
 * Which dialect an undeclared socket speaks: known by its first event; where that is nobody's own, or never comes, it is
 * the one that has no first word. Undefined: none of these.
 */
export function inferDialect(
  dialects: readonly Dialect[],
  { hasToken, event }: { hasToken: boolean; event?: string | undefined },
): Dialect | undefined {
  const byWord = dialects.find(
    ({ firstWord, signsIn }) =>
      event !== undefined && firstWord === event && (hasToken || signsIn === "event"),
  );
  return byWord ?? (hasToken ? dialects.find(({ firstWord }) => firstWord === undefined) : undefined);
}
