import { ChatError } from "@confab/contract";
import type { Outcome } from "@confab/contract/internal";

/** The value of a batch's item. @throws ChatError as the item was refused */
export function unwrap<T>(outcome: Outcome<T> | undefined): T {
  if (!outcome) throw new ChatError("internal", { cause: new Error("a batch was answered short") });
  if (outcome.ok) return outcome.value;
  throw ChatError.fromWire(outcome.error);
}
