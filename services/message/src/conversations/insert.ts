import type { Conversation, UserId } from "@confab/contract";
import { Prisma, type Transaction, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { appendSystem } from "../messages/append-system.ts";
import { lockHeads } from "../messages/head.ts";
import { publishCreated } from "../publish.ts";
import { announceNew } from "./announce.ts";
import { loadConversation } from "./view.ts";

/** Being made is a conversation's first change, so a client that knows nothing of it (0) sees that it is behind. */
const FIRST_REVISION = 1;

export interface NewConversation {
  kind: "direct" | "group";
  /** The two people of a direct conversation, sorted, with a space between. */
  directKey: string | null;
  title: string | null;
  creatorId: UserId;
  members: { userId: UserId; role: "admin" | "member" }[];
}

/**
 * Makes a conversation with its members in one transaction, and shows it to them. A group begins with a system
 * message. Throws what the database throws, as when the direct key is taken.
 */
export async function insertConversation(ctx: MessageContext, input: NewConversation): Promise<Conversation> {
  const [id] = (await ctx.ids.conversation.next(1)) as [bigint];
  const made = await withTransaction(
    ctx.prisma,
    async (tx) => {
      await insertRows(ctx, tx, id, input);
      const conversation = await loadConversation(tx, String(id));
      const head = (await lockHeads(tx, [conversation.id])).get(conversation.id);
      if (input.title === null || !head) return { conversation };
      const metadata = { event: "conversation_created" as const, title: input.title };
      const message = await appendSystem(tx, ctx, head, { actorId: input.creatorId, metadata });
      return { conversation, first: { head, message } };
    },
    { random: ctx.random },
  );
  const userIds = input.members.map((member) => member.userId);
  announceNew(ctx, made.conversation, userIds);
  if (made.first) publishCreated(ctx, made.first.head, made.first.message);
  return made.conversation;
}

async function insertRows(
  ctx: MessageContext,
  tx: Transaction,
  id: bigint,
  { kind, directKey, title, creatorId, members }: NewConversation,
): Promise<void> {
  const at = new Date(ctx.clock.now());
  await tx.$executeRaw`
    INSERT INTO conversations (id, kind, direct_key, title, settings, revision, created_by, created_at)
    VALUES (${id}, ${kind}, ${directKey}, ${title}, '{}', ${FIRST_REVISION}, ${creatorId}, ${at})`;
  const rows = members.map(({ userId, role }) => Prisma.sql`(${id}, ${userId}, ${role}, ${at})`);
  await tx.$executeRaw`
    INSERT INTO conversation_members (conversation_id, user_id, role, joined_at) VALUES ${Prisma.join(rows)}`;
}
