import { ChatError } from "@confab/contract";
import type { z } from "zod";

/**
 * Parses input from outside.
 * @throws ChatError `invalid` or `too_large`; the reason names the first field at fault
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.join(".") || "payload";
  const tooLarge = issue?.code === "custom" && issue.params?.code === "too_large";
  throw new ChatError(tooLarge ? "too_large" : "invalid", {
    reason: `${tooLarge ? "too_large" : "invalid"}:${where}`,
    message: `${where}: ${issue?.message ?? "not of the documented shape"}`,
  });
}
