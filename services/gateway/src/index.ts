import { redisReady } from "@confab/runtime";
import type { GatewayConfig } from "./config.ts";
import { type ContextOverrides, createContext } from "./context.ts";
import { createServer } from "./server.ts";

export { environment, type GatewayConfig, readConfig } from "./config.ts";

/** Without Redis a gateway starts, too: people can then send and sync, and hear from each other when it is back. */
const REDIS_WAIT_MS = 2000;

/** Listens, and works, until it is disposed of: its clients are then sent elsewhere before it ends. */
export async function createGateway(
  config: GatewayConfig,
  overrides?: ContextOverrides,
): Promise<{ url: string } & AsyncDisposable> {
  const ctx = createContext(config, overrides);
  try {
    const app = createServer(ctx);
    await Promise.all(ctx.redis.map((redis) => redisReady(redis, REDIS_WAIT_MS)));
    const url = await app.listen({ host: config.host, port: config.port });
    ctx.log.info({ url, gatewayId: config.id }, "gateway listens");
    return { url, [Symbol.asyncDispose]: () => ctx.lifecycle.stop() };
  } catch (error) {
    await ctx.lifecycle.stop();
    throw error;
  }
}
