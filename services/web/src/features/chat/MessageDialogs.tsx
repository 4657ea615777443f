import type { Conversation, ConversationHandle } from "@confab/sdk";
import { useSession } from "../auth/session.ts";
import { isModerator, roleOf } from "../groups/rights.ts";
import { EditsDialog } from "../moderation/EditsDialog.tsx";
import { ReportDialog } from "../moderation/ReportDialog.tsx";
import { ReadersDialog } from "../reading/ReadersDialog.tsx";
import { DeleteDialog } from "./DeleteDialog.tsx";
import type { MessageAct } from "./MessageMenu.tsx";

interface MessageDialogsProps {
  act: MessageAct;
  conversation: ConversationHandle;
  details: Conversation | null;
  onClose: () => void;
}

export function MessageDialogs({ act, conversation, details, onClose }: MessageDialogsProps) {
  const { userId } = useSession();
  const { kind, message } = act;
  if (!message.id) return null;
  switch (kind) {
    case "delete":
      return (
        <DeleteDialog
          conversation={conversation}
          messageId={message.id}
          mayDelete={message.mine || isModerator(roleOf(details, userId))}
          onClose={onClose}
        />
      );
    case "report":
      return <ReportDialog messageId={message.id} onClose={onClose} />;
    case "readers":
      return <ReadersDialog conversation={conversation} messageId={message.id} onClose={onClose} />;
    case "edits":
      return <EditsDialog conversation={conversation} messageId={message.id} onClose={onClose} />;
    default:
      return null;
  }
}
