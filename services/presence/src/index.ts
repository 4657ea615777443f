import type { PresenceConfig } from "./config.ts";
import { type ContextOverrides, createContext } from "./context.ts";
import { createServer } from "./server.ts";

export { environment, type PresenceConfig, readConfig } from "./config.ts";

/**
 * Listens until it is disposed of. Waits for nothing: without Redis it is unready and answers `unavailable`,
 * without MySQL it keeps leases and mirrors them later.
 */
export async function createPresence(
  config: PresenceConfig,
  overrides?: ContextOverrides,
): Promise<{ url: string } & AsyncDisposable> {
  const ctx = createContext(config, overrides);
  try {
    const app = createServer(ctx);
    const url = await app.listen({ host: config.host, port: config.port });
    ctx.log.info({ url }, "presence listens");
    return { url, [Symbol.asyncDispose]: () => ctx.lifecycle.stop() };
  } catch (error) {
    await ctx.lifecycle.stop();
    throw error;
  }
}
