import { isUnavailable, type Prisma, type Queries, type SqlPool, toSql } from "@confab/db";
import { Batcher } from "@confab/runtime";

const STATEMENTS = 64;

/**
 * For what is done for many people at once: what they read in the same turn of the event loop leaves in one packet, as
 * a round trip costs both ends as much as a small statement. Nothing is of the same moment because of that.
 */
export function createJointReads(sql: SqlPool): Queries {
  const batcher = new Batcher<Prisma.Sql, unknown[]>({
    maxItems: STATEMENTS,
    maxWaiting: Number.POSITIVE_INFINITY,
    mayBeOneItems: (error) => !isUnavailable(error),
    run: async (statements) => {
      const [first] = statements;
      return first && statements.length === 1
        ? [await sql.$queryRaw<unknown[]>(first)]
        : sql.$together(statements);
    },
  });
  return {
    $queryRaw: async <T>(statement: TemplateStringsArray | Prisma.Sql, ...values: unknown[]): Promise<T> =>
      (await batcher.add(toSql(statement, values))) as T,
    $executeRaw: (statement, ...values) => sql.$executeRaw(statement, ...values),
  };
}
