import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../problem.mjs";
import { STATE } from "./paths.mjs";

const LOCK = join(STATE, "prepare.lock");
/** A first preparation downloads some 300 MB; on a slow line that takes minutes. */
const PATIENCE_MS = 15 * 60_000;

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

function holder() {
  try {
    return Number(readFileSync(LOCK, "utf8"));
  } catch {
    return 0;
  }
}

/**
 * Runs the work while no other process prepares the same checkout: `npm start` and `npm test` are often started together.
 * A lock whose holder is gone is taken over.
 * @template T @param {() => Promise<T>} work @returns {Promise<T>}
 */
export async function withLock(work) {
  mkdirSync(STATE, { recursive: true });
  const deadline = Date.now() + PATIENCE_MS;
  for (let waited = false; ; waited = true) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    }
    const pid = holder();
    if (!pid || !isAlive(pid)) rmSync(LOCK, { force: true });
    else if (Date.now() > deadline)
      throw new Problem(`Process ${pid} has been preparing this checkout for too long.`, [
        `Stop it, or remove ${LOCK}`,
      ]);
    else {
      if (!waited) console.log(`· waiting for process ${pid}, which is preparing this checkout`);
      await sleep(250);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}
