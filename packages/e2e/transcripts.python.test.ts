import { spawn, spawnSync } from "node:child_process";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { startCluster } from "./cluster.ts";
import { d000 } from "./transcripts/d000.ts";
import { d001 } from "./transcripts/d001.ts";
import { setStage } from "./transcripts/play.ts";

/** Debian's own Python: others on the path know nothing of Debian's packages. */
const PYTHON = "/usr/bin/python3";
const hasLibrary = (): boolean => spawnSync(PYTHON, ["-c", "import socketio, requests"]).status === 0;

/** Where it can be had from the system's packages, it is. */
function findLibrary(): string | undefined {
  if (hasLibrary()) return undefined;
  if (process.getuid?.() !== 0) return "python3-socketio is not installed, and only root could install it";
  const packages = ["python3-socketio", "python3-requests", "python3-websocket"];
  spawnSync("apt-get", ["install", "-y", "-qq", ...packages], { timeout: 60_000 });
  return hasLibrary() ? undefined : "python3-socketio could not be installed with apt-get";
}

it.for([d000, d001])(
  "a client in Python that speaks only $seed is understood, and understands",
  {
    timeout: 120_000,
  },
  async ({ steps }, { skip }) => {
    const missing = findLibrary();
    if (missing) skip(missing);
    await using cleanup = new AsyncDisposableStack();
    const cluster = cleanup.use(await startCluster({ gateways: 1 }));
    const values = Object.fromEntries(await setStage(cluster, cleanup));
    const python = spawn(PYTHON, [new URL("./transcripts/play.py", import.meta.url).pathname]);
    cleanup.defer(() => void python.kill());
    python.stdin.end(JSON.stringify({ url: cluster.gatewayUrls[0], values, steps }));
    const [said, status] = await Promise.all([
      text(python.stderr),
      new Promise<number | null>((resolve) => python.once("close", resolve)),
    ]);
    expect(status, said).toBe(0);
  },
);
