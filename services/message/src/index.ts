import type { MessageConfig } from "./config.ts";
import { type ContextOverrides, createContext } from "./context.ts";
import { startIndexing } from "./search/indexing.ts";
import { createServer } from "./server.ts";
import { startOwed } from "./settle.ts";
import { startPruning } from "./users/prune.ts";

export { environment, type MessageConfig, readConfig } from "./config.ts";

/** Listens, and works, until it is disposed of. Throws when MySQL cannot be used. */
export async function createMessageService(
  config: MessageConfig,
  overrides?: ContextOverrides,
): Promise<{ url: string } & AsyncDisposable> {
  const ctx = await createContext(config, overrides);
  try {
    startOwed(ctx);
    startIndexing(ctx);
    startPruning(ctx);
    const app = createServer(ctx);
    const url = await app.listen({ host: config.host, port: config.port });
    ctx.log.info({ url }, "message service listens");
    return { url, [Symbol.asyncDispose]: () => ctx.lifecycle.stop() };
  } catch (error) {
    await ctx.lifecycle.stop();
    throw error;
  }
}
