import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { hashFiles, isStamped, stamp } from "../stamp.mjs";
import { installTools, missingTools, toolEnvironment } from "./install.mjs";
import { withLock } from "./lock.mjs";
import { ROOT, STATE, TOOLCHAIN } from "./paths.mjs";
import { runStep } from "./run.mjs";

const STAMPS = join(STATE, "stamps");

/** The directories of the workspace's members. */
function members() {
  return ["packages", "services"].flatMap((group) => {
    const path = join(ROOT, group);
    return existsSync(path) ? readdirSync(path).map((name) => join(path, name)) : [];
  });
}

/** Everything that decides what `pnpm install` does. */
function manifests() {
  const inMembers = [...members(), join(ROOT, "infra/local")].map((path) => join(path, "package.json"));
  return [
    join(ROOT, "package.json"),
    join(ROOT, "pnpm-lock.yaml"),
    join(ROOT, "pnpm-workspace.yaml"),
    ...inMembers,
  ];
}

/** Everything that decides what the `generate` tasks write. */
function generatorInputs() {
  const own = members().flatMap((path) => [join(path, "prisma", "schema"), join(path, "prisma.config.ts")]);
  return [join(ROOT, "pnpm-lock.yaml"), ...own];
}

function pending() {
  const install = hashFiles(manifests(), `${process.platform}-${process.arch}`);
  const generate = hashFiles(generatorInputs());
  const isInstalled =
    existsSync(join(ROOT, "node_modules", ".modules.yaml")) && isStamped(join(STAMPS, "install"), install);
  const isGenerated =
    existsSync(join(ROOT, "packages/db/src/generated")) && isStamped(join(STAMPS, "generate"), generate);
  return { install: isInstalled ? undefined : install, generate: isGenerated ? undefined : generate };
}

async function prepareLocked() {
  const missing = missingTools();
  if (missing.length > 0) await installTools(missing);
  const { node, env } = toolEnvironment(ROOT);
  const { install, generate } = pending();
  if (install) {
    const pnpm = join(TOOLCHAIN, "node_modules/pnpm/bin/pnpm.mjs");
    await runStep(
      "Installing the dependencies",
      node,
      [pnpm, "install", "--frozen-lockfile", "--reporter=append-only"],
      { cwd: ROOT, env: { ...env, CI: "true" }, isDownload: true },
    );
    stamp(join(STAMPS, "install"), install);
  }
  if (generate) {
    const turbo = join(ROOT, "node_modules/turbo/bin/turbo");
    await runStep(
      "Generating the database client",
      node,
      [turbo, "run", "generate", "--output-logs=errors-only"],
      { cwd: ROOT, env, quiet: true },
    );
    stamp(join(STAMPS, "generate"), generate);
  }
}

/** Brings Node 24, pnpm, the dependencies and generated code, each only if something changed. */
export async function prepare() {
  const { install, generate } = pending();
  if (missingTools().length > 0 || install || generate) await withLock(prepareLocked);
  return toolEnvironment(ROOT);
}
