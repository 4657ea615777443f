import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { serviceEnvironment } from "./environment.ts";
import { Problem, reportProblem } from "./problem.mjs";
import { loadSecrets } from "./secrets.ts";
import { findRunning } from "./start/run-file.ts";
import { ROOT, SECRETS_FILE } from "./toolchain/paths.mjs";

// The message service's own command, in the environment that the running stack gave to that service.
const CLI = join(ROOT, "services/message/src/cli/service-token.ts");
try {
  const running = findRunning();
  if (!running)
    throw new Problem("Confab does not run from this checkout.", [
      "Start it first, in another terminal: npm start",
    ]);
  const { message } = serviceEnvironment({ ...running, secrets: await loadSecrets(SECRETS_FILE) });
  const args = ["--conditions=@confab/source", CLI, ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, {
    env: { ...process.env, ...message },
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} catch (error) {
  reportProblem(error);
  process.exitCode = 1;
}
