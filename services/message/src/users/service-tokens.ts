import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { ChatError } from "@confab/contract";
import type { ServiceActor } from "../auth.ts";
import type { MessageContext } from "../context.ts";

/** `cfs_<id>_<secret>`: the prefix lets secret scanners find one that was published by mistake. */
const SHAPE = /^cfs_([0-9a-f]{16})_([\w-]{43})$/;
const digest = (secret: string): Buffer => createHash("sha256").update(secret).digest();

export const isServiceToken = (token: string): boolean => token.startsWith("cfs_");

/** A fresh token; only `secretHash` is stored, so the token itself can be shown just once. */
export function mintServiceToken(): { id: string; token: string; secretHash: Buffer } {
  const id = randomBytes(8).toString("hex");
  const secret = randomBytes(32).toString("base64url");
  return { id, token: `cfs_${id}_${secret}`, secretHash: digest(secret) };
}

/**
 * The service behind a token. A revoked one is refused 5 s later at the latest.
 * @throws ChatError `unauthenticated`, reason `token_invalid`
 */
export async function findServiceToken(ctx: MessageContext, token: string): Promise<ServiceActor> {
  const [, id = "", secret = ""] = SHAPE.exec(token) ?? [];
  const known = id && (ctx.caches.serviceTokens.get(id) ?? (await loadServiceToken(ctx, id)));
  if (!known || !timingSafeEqual(known.secretHash, digest(secret))) {
    throw new ChatError("unauthenticated", { reason: "token_invalid" });
  }
  const { secretHash: _, ...actor } = known;
  return actor;
}

async function loadServiceToken(ctx: MessageContext, id: string) {
  const row = await ctx.prisma.serviceToken.findFirst({
    where: {
      id,
      revokedAt: null,
      OR: [{ expiresAt: null }, { expiresAt: { gt: new Date(ctx.clock.now()) } }],
    },
  });
  if (!row) return undefined;
  const entry = {
    kind: "service" as const,
    tokenId: row.id,
    userId: row.userId,
    scopes: row.scopes as unknown as ServiceActor["scopes"],
    secretHash: Buffer.from(row.secretHash),
  };
  ctx.caches.serviceTokens.set(id, entry);
  return entry;
}
