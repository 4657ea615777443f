import type { DeliveryConfig } from "./config.ts";
import { type ContextOverrides, createContext } from "./context.ts";
import { startWorker } from "./queue.ts";
import { createServer } from "./server.ts";

export { type DeliveryConfig, environment, readConfig } from "./config.ts";
export type { Push, PushMessage } from "./push/push.ts";

/** Works until it is disposed of. Waits for nothing: it is unready, and takes no jobs, until its stores are there. */
export async function createDelivery(
  config: DeliveryConfig,
  overrides?: ContextOverrides,
): Promise<{ url: string } & AsyncDisposable> {
  const ctx = createContext(config, overrides);
  try {
    const app = createServer(ctx);
    const url = await app.listen({ host: config.host, port: config.port });
    startWorker(ctx);
    ctx.log.info({ url }, "delivery listens");
    return { url, [Symbol.asyncDispose]: () => ctx.lifecycle.stop() };
  } catch (error) {
    await ctx.lifecycle.stop();
    throw error;
  }
}
