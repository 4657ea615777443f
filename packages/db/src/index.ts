export { createDb, type Db, type DbOptions, type PrismaClient } from "./client.ts";
export { isConflict, isDuplicateKey, isUnavailable } from "./errors.ts";
export { Prisma } from "./generated/client.ts";
export { createIdAllocator, type IdAllocator, type IdName } from "./ids.ts";
export type { DbLog } from "./log.ts";
export {
  createDatabase,
  type DeployOptions,
  deployMigrations,
  dropDatabase,
  resolveMigration,
} from "./migrate.ts";
export { type OpeningDb, openDb } from "./open.ts";
export { type DemoAccount, seedDemo } from "./seed.ts";
export { type Queries, type SqlPool, toSql } from "./sql.ts";
export {
  type ModelTransaction,
  type Transaction,
  type TransactionOptions,
  withModels,
  withSnapshot,
  withTransaction,
} from "./tx.ts";
