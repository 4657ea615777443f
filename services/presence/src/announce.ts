/** What becomes of a transition: watchers are told, MySQL is told, and then it is settled in Redis. */
import type { UserId } from "@confab/contract";
import type { OpeningDb } from "@confab/db";
import type { Logger, Metrics } from "@confab/runtime";
import { Broadcast } from "./broadcast.ts";
import type { PresenceConfig } from "./config.ts";
import { Mirror } from "./mirror.ts";
import type { Transition } from "./state.ts";
import { acknowledge, type StoreContext } from "./store.ts";

export interface Announcer extends AsyncDisposable {
  announce(transitions: readonly Transition[]): void;
}

/** Disposing of it tells what still waits, once. */
export function createAnnouncer(input: {
  store: StoreContext;
  db: OpeningDb;
  config: PresenceConfig;
  log: Logger;
  metrics: Metrics;
}): Announcer {
  const { store, db, config, log, metrics } = input;
  const counted = metrics.counter("chat_presence_transitions_total", "Changes of somebody's status", [
    "status",
  ]);
  const publishes = metrics.counter("chat_presence_publishes_total", "Changes told to gateways", ["result"]);
  /** Versions that MySQL has and watchers have yet to hear of. */
  const writtenOnly = new Map<UserId, number>();

  // Whatever cannot be settled now comes back from Redis.
  const settle = async (transitions: Transition[]): Promise<void> => {
    for (const { userId } of transitions) writtenOnly.delete(userId);
    if (transitions.length > 0) await acknowledge(store, transitions).catch(() => undefined);
  };
  const broadcast = new Broadcast({
    ...store,
    intervalMs: config.publishIntervalMs,
    onPublish: (result, transition) => {
      publishes.inc({ result });
      if (result === "ok" && writtenOnly.get(transition.userId) === transition.version) {
        void settle([transition]);
      }
    },
  });
  const mirror = new Mirror({
    ...config.mirror,
    prisma: () => db.prisma,
    log,
    onWritten: async (written) => {
      const said: Transition[] = [];
      for (const transition of written) {
        if (broadcast.isWaiting(transition.userId)) writtenOnly.set(transition.userId, transition.version);
        else said.push(transition);
      }
      await settle(said);
    },
  });
  metrics.gauge(
    "chat_presence_mirror_waiting_users",
    "People whose change waits for MySQL",
    [],
    () => mirror.waiting,
  );
  return {
    announce(transitions) {
      for (const { status } of transitions) counted.inc({ status });
      mirror.add(transitions);
      broadcast.add(transitions);
    },
    async [Symbol.asyncDispose]() {
      broadcast[Symbol.dispose]();
      mirror[Symbol.dispose]();
      await broadcast.flush();
      await mirror.flush();
    },
  };
}
