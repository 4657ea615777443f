import type { UserId } from "@confab/contract";
import type { ForwardedCommand } from "@confab/contract/internal";
import type { MessageContext } from "./context.ts";
import { createConversation } from "./conversations/create.ts";
import { addMember, changeRole, removeMember } from "./conversations/members.ts";
import { updateConversation } from "./conversations/update.ts";
import { deleteMessage } from "./messages/delete.ts";
import { editMessage } from "./messages/edit.ts";
import { listEdits } from "./messages/edits.ts";
import { pinMessage, unpinMessage } from "./messages/pin.ts";
import { addReaction, removeReaction } from "./messages/react.ts";
import { banMember, liftBan } from "./moderation/ban.ts";
import { blockUser, unblockUser } from "./moderation/block.ts";
import { handleReport } from "./moderation/queue.ts";
import { reportMessage } from "./moderation/report.ts";
import { markUnread, setPersonal } from "./personal/change.ts";
import { setDraft } from "./personal/drafts.ts";
import { syncPersonal } from "./personal/sync.ts";
import { readAll, readMessage } from "./receipts/read-all.ts";
import { listReaders } from "./receipts/readers.ts";
import { searchMessages } from "./search/search.ts";
import { listHeads } from "./standing.ts";
import { sync } from "./sync.ts";
import { listThread, listThreads } from "./threads/list.ts";
import { followThread, readThread } from "./threads/read.ts";
import { setStatus } from "./users/update-me.ts";

/** A socket's command: the same use case as its REST twin. Answers with the fields of its ack. */
export async function runCommand(
  ctx: MessageContext,
  { actorId, command }: { actorId: UserId; command: ForwardedCommand },
): Promise<Record<string, unknown>> {
  switch (command.name) {
    case "message:edit":
      return { message: await editMessage(ctx, { actorId, ...command.payload }) };
    case "message:delete":
      return await deleteMessage(ctx, { actorId, ...command.payload });
    case "message:pin":
      return { message: await pinMessage(ctx, { actorId, ...command.payload }) };
    case "message:unpin":
      return { message: await unpinMessage(ctx, { actorId, ...command.payload }) };
    case "reaction:add":
      return { message: await addReaction(ctx, { actorId, ...command.payload }) };
    case "reaction:remove":
      return { message: await removeReaction(ctx, { actorId, ...command.payload }) };
    case "status:set":
      return { status: await setStatus(ctx, { actorId, ...command.payload }) };
    case "conversation:create":
      return { conversation: await createConversation(ctx, actorId, command.payload) };
    case "conversation:update": {
      const { conversationId, ...change } = command.payload;
      return { conversation: await updateConversation(ctx, { actorId, conversationId }, change) };
    }
    case "member:add":
      return { conversation: await addMember(ctx, { actorId, ...command.payload }) };
    case "member:change":
      return { conversation: await changeRole(ctx, { actorId, ...command.payload }) };
    case "member:remove":
      await removeMember(ctx, { actorId, ...command.payload });
      return {};
    case "member:ban": {
      const { conversationId, userId, ...terms } = command.payload;
      return { ban: await banMember(ctx, { actorId, conversationId, userId }, terms) };
    }
    case "member:unban":
      await liftBan(ctx, { actorId, ...command.payload });
      return {};
    case "user:block":
      await blockUser(ctx, { actorId, ...command.payload });
      return {};
    case "user:unblock":
      await unblockUser(ctx, { actorId, ...command.payload });
      return {};
    case "message:report":
      return await reportMessage(ctx, { actorId, ...command.payload });
    case "report:handle":
      return { report: await handleReport(ctx, { userId: actorId }, command.payload) };
    case "receipt:readMessage":
      return { ...(await readMessage(ctx, { userId: actorId, ...command.payload })) };
    case "receipt:readAll":
      return { ...(await readAll(ctx, { userId: actorId })) };
    case "receipt:unread":
      return { state: await markUnread(ctx, { userId: actorId, ...command.payload }) };
    case "message:readers":
      return { ...(await listReaders(ctx, { userId: actorId, ...command.payload })) };
    case "personal:set":
      return { state: await setPersonal(ctx, { userId: actorId, ...command.payload }) };
    case "personal:sync":
      return { ...(await syncPersonal(ctx, { userId: actorId, ...command.payload })) };
    case "draft:set":
      return { draft: await setDraft(ctx, { userId: actorId, ...command.payload }) };
    case "thread:read":
      return { state: await readThread(ctx, { userId: actorId, ...command.payload }) };
    case "thread:follow":
      return { state: await followThread(ctx, { userId: actorId, ...command.payload, following: true }) };
    case "thread:unfollow":
      return { state: await followThread(ctx, { userId: actorId, ...command.payload, following: false }) };
    case "thread:messages":
      return { ...(await listThread(ctx, { userId: actorId, ...command.payload })) };
    case "thread:list":
      return { ...(await listThreads(ctx, { userId: actorId, ...command.payload })) };
    case "message:edits":
      return { items: await listEdits(ctx, { userId: actorId, ...command.payload }) };
    case "message:search":
      return { ...(await searchMessages(ctx, { userId: actorId, ...command.payload })) };
    case "conversation:sync":
      return { ...(await sync(ctx, { userId: actorId, ...command.payload })) };
    case "conversation:heads":
      return { ...(await listHeads(ctx, actorId)) };
  }
}
