import { spawnSync } from "node:child_process";

// Any command with the toolchain on its PATH, whatever Node the machine has: `npm run exec -- vitest run packages/db`.
const [command = "node", ...args] = process.argv.slice(2);
const { status, error } = spawnSync(command, args, { stdio: "inherit" });
if (error) console.error(String(error));
process.exitCode = status ?? 1;
