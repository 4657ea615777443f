/**
 * `migrate`: makes the database of MYSQL_URL if need be and applies what is pending; the Kubernetes job runs it
 * once per release. `migrate --applied <name>` and `migrate --rolled-back <name>` settle one that failed half-way.
 */
import { parseArgs } from "node:util";
import { createDatabase, deployMigrations, resolveMigration } from "../migrate.ts";

const { values } = parseArgs({
  options: { applied: { type: "string" }, "rolled-back": { type: "string" } },
});
const log = (level: string) => (fields: object, message: string) =>
  console.log(
    JSON.stringify({ level, time: new Date().toISOString(), service: "migrate", ...fields, msg: message }),
  );

try {
  const url = process.env.MYSQL_URL;
  if (!url) throw new Error("set MYSQL_URL=mysql://user:password@host:port/database");
  if (values.applied) await resolveMigration(url, values.applied, "applied");
  if (values["rolled-back"]) await resolveMigration(url, values["rolled-back"], "rolledBack");
  await createDatabase(url);
  const applied = await deployMigrations(url, { log: { info: log("info"), warn: log("warn") } });
  log("info")({ applied }, "the schema is up to date");
} catch (error) {
  log("error")({}, (error as Error).message);
  process.exitCode = 1;
}
