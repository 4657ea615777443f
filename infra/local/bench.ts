import { spawn } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./toolchain/paths.mjs";

// A process of its own, because the bench measures what runs beside it; it ends with us.
const TIE = join(import.meta.dirname, "start/tie-to-parent.mjs");
const args = [
  "--conditions=@confab/source",
  "--import",
  TIE,
  join(ROOT, "packages/bench/main.ts"),
  ...process.argv.slice(2),
];
const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["inherit", "inherit", "inherit", "ipc"] });
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
