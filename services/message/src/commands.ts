import type { UserId } from "@confab/contract";
import type { ForwardedCommand } from "@confab/contract/internal";
import type { MessageContext } from "./context.ts";
import { deleteMessage } from "./messages/delete.ts";
import { editMessage } from "./messages/edit.ts";
import { pinMessage, unpinMessage } from "./messages/pin.ts";
import { addReaction, removeReaction } from "./messages/react.ts";
import { listHeads, sync } from "./sync.ts";
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
      await deleteMessage(ctx, { actorId, ...command.payload });
      return {};
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
    case "conversation:sync":
      return { ...(await sync(ctx, { userId: actorId, ...command.payload })) };
    case "conversation:heads":
      return { ...(await listHeads(ctx, actorId)) };
  }
}
