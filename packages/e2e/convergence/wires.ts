/** What lies between the parts of a cluster, and is cut again and again while people talk. */
import { setTimeout as pause } from "node:timers/promises";
import { type Cut, createCut, createRandom } from "@confab/testkit";
import { type Cluster, startCluster } from "../cluster.ts";

const GATEWAYS = 3;
/** Long enough to be noticed, short enough that a run has many of them. */
const OUTAGE_MS = [30, 700] as const;
const QUIET_MS = [100, 500] as const;

export interface WiredCluster {
  cluster: Cluster;
  /** Gateways and the message service to the Redis between them, gateways to the message service. */
  wires: Cut[];
}

export async function startWiredCluster(cleanup: AsyncDisposableStack): Promise<WiredCluster> {
  const redis = process.env.TEST_REDIS_REALTIME_URL ?? "";
  const wires: Cut[] = [];
  const wire = async (target: string): Promise<string> => {
    const cut = cleanup.use(await createCut(target));
    wires.push(cut);
    return cut.url;
  };
  const toRedis = await wire(redis);
  const cluster = await startCluster({
    gateways: GATEWAYS,
    settings: { REDIS_REALTIME_URL: toRedis },
    gatewaySettings: async (_index, environment) => ({
      REDIS_REALTIME_URL: await wire(redis),
      MESSAGE_URL: await wire(environment.MESSAGE_URL as string),
    }),
  });
  cleanup.use(cluster);
  return { cluster, wires };
}

export interface Faults {
  /** How often each kind of fault happened. */
  counts: Record<string, number>;
  /** Ends it; all wires are whole afterwards. */
  stop(): Promise<void>;
}

/** Two wires at a time fail for a while, each in a way of its own. */
export function startFaults(wires: readonly Cut[], seed: number): Faults {
  const random = createRandom(seed);
  const counts: Record<string, number> = {};
  let stopped = false;
  const kinds = {
    reset: async (wire: Cut) => wire.reset(),
    cut: async (wire: Cut) => {
      await wire.cut();
      await pause(random.int(...OUTAGE_MS));
    },
    freeze: async (wire: Cut) => {
      wire.freeze();
      await pause(random.int(...OUTAGE_MS));
    },
    /** Half of what is said passes: done, and nobody was told. */
    deafen: async (wire: Cut) => {
      wire.holdAnswers();
      await pause(random.int(...OUTAGE_MS));
      wire.reset();
    },
    delay: async (wire: Cut) => {
      wire.delay(random.int(20, 200));
      await pause(random.int(...OUTAGE_MS));
    },
  };
  const run = async () => {
    while (!stopped) {
      await pause(random.int(...QUIET_MS));
      const wire = random.pick(wires);
      const name = random.pick(Object.keys(kinds) as (keyof typeof kinds)[]);
      counts[name] = (counts[name] ?? 0) + 1;
      await kinds[name](wire);
      await wire.heal();
    }
  };
  const running = Promise.all([run(), run()]);
  return {
    counts,
    async stop() {
      stopped = true;
      await running;
    },
  };
}
