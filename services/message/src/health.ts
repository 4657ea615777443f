import { withDeadline } from "@confab/runtime";
import type { MessageContext } from "./context.ts";

const PROBE_EVERY_MS = 2000;
const PROBE_DEADLINE_MS = 1500;

/** Asks MySQL now and then; the answer is why the service cannot work, or undefined. Redis is never a reason. */
export function watchDatabase(ctx: MessageContext): () => string | undefined {
  let reason: string | undefined;
  const timer = setInterval(async () => {
    try {
      await withDeadline(ctx.sql.$queryRaw`SELECT 1`, PROBE_DEADLINE_MS, "mysql");
      reason = undefined;
    } catch {
      reason = "mysql";
    }
  }, PROBE_EVERY_MS);
  ctx.lifecycle.onStop("unready", "mysql probe", () => clearInterval(timer));
  return () => reason;
}
