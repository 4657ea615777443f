import { mintUuid, toUuid } from "../runtime.ts";
import type { Publication } from "./publisher.ts";

export type Keyed = Publication & { clientMessageId: string };

/** Gives every item a key of its own; those that bring one keep it. */
export function withKeys(
  items: readonly Publication[],
  idempotencyKey: string | undefined,
): Promise<Keyed[]> {
  const keyOf = (index: number) =>
    idempotencyKey === undefined ? mintUuid() : derive(idempotencyKey, index);
  return Promise.all(
    items.map(async (item, index) => ({
      ...item,
      clientMessageId: item.clientMessageId ?? (await keyOf(index)),
    })),
  );
}

/** Always the same for the same name and place, so that a call repeated by another process is the same call. */
async function derive(key: string, index: number): Promise<string> {
  const named = new TextEncoder().encode(JSON.stringify([key, index]));
  return toUuid(new Uint8Array(await crypto.subtle.digest("SHA-256", named)), 8);
}
