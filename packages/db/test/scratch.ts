import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createDatabase, deployMigrations, dropDatabase } from "../src/index.ts";

export interface Scratch extends AsyncDisposable {
  url: string;
  adminUrl: string;
}

/** A database of one's own (the test kit, which imports this package, cannot serve it). */
export async function createScratch({ migrated = true } = {}): Promise<Scratch> {
  const adminUrl = process.env.TEST_MYSQL_URL;
  if (!adminUrl) throw new Error('TEST_MYSQL_URL is not set; "npm test -- int" starts the stores');
  const name = `confab_db_${randomBytes(6).toString("hex")}`;
  const url = await createDatabase(adminUrl, name);
  if (migrated) await deployMigrations(url);
  return { url, adminUrl, [Symbol.asyncDispose]: () => dropDatabase(adminUrl, name) };
}

export async function waitFor(condition: () => boolean | Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > endsAt) throw new Error(`waited in vain until ${condition}`);
    await sleep(10);
  }
}
