/** `prisma generate`, offline: it looks for the schema engine, a download, but never runs it; any file will do. */
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const manifest = createRequire(import.meta.url).resolve("prisma/package.json");
const { status } = spawnSync(process.execPath, [join(dirname(manifest), "build/index.js"), "generate"], {
  cwd: join(dirname(fileURLToPath(import.meta.url)), ".."),
  env: {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.env.PRISMA_SCHEMA_ENGINE_BINARY ?? process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
    CHECKPOINT_DISABLE: "1",
  },
  stdio: "inherit",
});
process.exitCode = status ?? 1;
