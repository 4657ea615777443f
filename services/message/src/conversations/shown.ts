import { Prisma } from "@confab/db";

/**
 * Leaves out, of `conversation_members m`, the direct conversations that somebody opened whom the person blocks, and
 * in which nothing is theirs to see.
 */
export const IS_SHOWN = Prisma.sql`(NOT m.blocks_peer OR EXISTS (
  SELECT 1 FROM messages shown WHERE shown.conversation_id = m.conversation_id AND NOT EXISTS (
    SELECT 1 FROM hidden_messages h
    WHERE h.user_id = m.user_id AND h.conversation_id = shown.conversation_id AND h.seq = shown.seq)))`;
