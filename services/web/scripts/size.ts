import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Everything that the first chat view loads; design.md section 9. Scripts that load later are counted too: there are none yet. */
const BUDGET_BYTES = 240 * 1024;

const dist = join(import.meta.dirname, "..", "dist");
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.(?:html|js|css)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name));
const totalBytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);

const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;
console.log(`web client: ${kib(totalBytes)} gzip of ${kib(BUDGET_BYTES)} allowed`);
if (files.length === 0 || totalBytes > BUDGET_BYTES) process.exitCode = 1;
