import { ChatError } from "@confab/contract";
import { type ModelTransaction, type Prisma, withModels } from "@confab/db";
import type { ServiceActor } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { mintServiceToken } from "./service-tokens.ts";

type ManageContext = Pick<MessageContext, "prisma" | "clock"> & { ids: Pick<MessageContext["ids"], "user"> };

export interface NewServiceToken {
  /** Of the service. Tokens of one name share one user, so a renewed token speaks as before. */
  name: string;
  scopes: ServiceActor["scopes"];
  /** Days until it ends; absent: only when it is revoked. */
  days?: number | undefined;
}

/** Makes a token; the text is in nobody's hands but the caller's. */
export async function createServiceToken(
  ctx: ManageContext,
  { name, scopes, days }: NewServiceToken,
): Promise<{ id: string; userId: string; token: string }> {
  const { id, token, secretHash } = mintServiceToken();
  const now = ctx.clock.now();
  const userId = await withModels(ctx.prisma, async (tx) => {
    const owner = await findOrCreateOwner(ctx, tx, name);
    await tx.serviceToken.create({
      data: {
        id,
        name,
        userId: owner,
        secretHash: new Uint8Array(secretHash),
        scopes: scopes as Prisma.InputJsonObject,
        createdAt: new Date(now),
        expiresAt: days === undefined ? null : new Date(now + days * 86_400_000),
      },
    });
    return owner;
  });
  return { id, userId, token };
}

async function findOrCreateOwner(ctx: ManageContext, tx: ModelTransaction, name: string): Promise<string> {
  const earlier = await tx.serviceToken.findFirst({ where: { name }, select: { userId: true } });
  if (earlier) return earlier.userId;
  const id = String((await ctx.ids.user.next(1))[0]);
  await tx.user.create({
    data: { id, displayName: name, kind: "service", createdAt: new Date(ctx.clock.now()) },
  });
  return id;
}

/** All tokens that may still be used, without their secrets. */
export async function listServiceTokens(ctx: ManageContext) {
  return ctx.prisma.serviceToken.findMany({
    where: { revokedAt: null },
    orderBy: { createdAt: "asc" },
    select: { id: true, name: true, userId: true, scopes: true, createdAt: true, expiresAt: true },
  });
}

/** @throws ChatError `not_found` when there is no such token in use */
export async function revokeServiceToken(ctx: ManageContext, id: string): Promise<void> {
  const { count } = await ctx.prisma.serviceToken.updateMany({
    where: { id, revokedAt: null },
    data: { revokedAt: new Date(ctx.clock.now()) },
  });
  if (count === 0) throw new ChatError("not_found", { reason: "service_token" });
}
