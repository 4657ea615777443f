import type { Conversation, ConversationSettings, UserId } from "@confab/contract";
import { Prisma, type Queries, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { appendSystem } from "../messages/append-system.ts";
import { lockHeads } from "../messages/head.ts";
import { markBlocks } from "../moderation/pairs.ts";
import { publishCreated } from "../publish.ts";
import { announceNew } from "./announce.ts";
import { loadConversation } from "./view.ts";

/** Being made is a conversation's first change, so a client that knows nothing of it (0) sees that it is behind. */
const FIRST_REVISION = 1;

export const DEFAULT_SETTINGS: ConversationSettings = {
  history: "all",
  announcement: false,
  slowModeSeconds: 0,
};

export interface NewConversation {
  kind: "direct" | "group";
  /** The two people of a direct conversation, sorted, with a space between. */
  directKey: string | null;
  title: string | null;
  settings?: ConversationSettings;
  creatorId: UserId;
  members: { userId: UserId; role: "admin" | "member" }[];
}

/**
 * Makes a conversation with its members in one transaction, and shows it to them; where one of two people blocks the
 * other, to its creator alone. A group begins with a system message. Throws what the database throws, as when the direct key is taken.
 */
export async function insertConversation(ctx: MessageContext, input: NewConversation): Promise<Conversation> {
  const [id] = (await ctx.ids.conversation.next(1)) as [bigint];
  const userIds = input.members.map((member) => member.userId);
  const made = await withTransaction(
    ctx.sql,
    async (tx) => {
      await insertRows(ctx, tx, id, input);
      const isBlocked = input.kind === "direct" && (await markBlocks(tx, id, userIds));
      const conversation = await loadConversation(tx, String(id));
      const head = (await lockHeads(tx, [conversation.id])).get(conversation.id);
      if (input.title === null || !head) return { conversation, isBlocked };
      const metadata = { event: "conversation_created" as const, title: input.title };
      const message = await appendSystem(tx, ctx, head, { actorId: input.creatorId, metadata });
      return { conversation, isBlocked, first: { head, message } };
    },
    { random: ctx.random },
  );
  announceNew(ctx, made.conversation, made.isBlocked ? [input.creatorId] : userIds);
  if (made.first) publishCreated(ctx, made.first.head, made.first.message);
  return made.conversation;
}

async function insertRows(
  ctx: MessageContext,
  tx: Queries,
  id: bigint,
  { kind, directKey, title, settings = DEFAULT_SETTINGS, creatorId, members }: NewConversation,
): Promise<void> {
  const at = new Date(ctx.clock.now());
  await tx.$executeRaw`
    INSERT INTO conversations (id, kind, direct_key, title, settings, history, announcement, slow_mode_seconds,
      revision, created_by, created_at)
    VALUES (${id}, ${kind}, ${directKey}, ${title}, '{}', ${settings.history}, ${settings.announcement},
      ${settings.slowModeSeconds}, ${FIRST_REVISION}, ${creatorId}, ${at})`;
  const rows = members.map(({ userId, role }) => Prisma.sql`(${id}, ${userId}, ${role}, ${at})`);
  await tx.$executeRaw`
    INSERT INTO conversation_members (conversation_id, user_id, role, joined_at) VALUES ${Prisma.join(rows)}`;
}
