import { ChatError, type Session } from "@confab/contract";
import { isDuplicateKey } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { startSession } from "./sessions.ts";

export interface Registration {
  /** In its normal form: lower case. */
  username: string;
  password: string;
  displayName?: string | undefined;
  email?: string | undefined;
}

/**
 * Makes an account and signs it in.
 * @throws ChatError `conflict`, reason `username_taken` or `email_taken`
 */
export async function register(ctx: MessageContext, input: Registration): Promise<Session> {
  const [passwordHash, [id]] = await Promise.all([ctx.passwords.hash(input.password), ctx.ids.user.next(1)]);
  try {
    const account = await ctx.prisma.user.create({
      data: {
        id: String(id),
        username: input.username,
        displayName: input.displayName ?? input.username,
        email: input.email?.toLowerCase() ?? null,
        passwordHash,
        createdAt: new Date(ctx.clock.now()),
      },
    });
    return await startSession(ctx, account);
  } catch (error) {
    if (isDuplicateKey(error, "ux_users_username"))
      throw new ChatError("conflict", { reason: "username_taken" });
    if (isDuplicateKey(error, "ux_users_email")) throw new ChatError("conflict", { reason: "email_taken" });
    throw error;
  }
}
