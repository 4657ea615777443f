import type { ConversationHandle } from "@confab/sdk";
import { useCallback } from "react";
import { Dialog } from "../../components/Dialog.tsx";
import { fullTime } from "../../format/time.ts";
import { useLoaded } from "../use-loaded.ts";

interface EditsDialogProps {
  conversation: ConversationHandle;
  messageId: string;
  onClose: () => void;
}

/** What a message said before, oldest first; for moderators. */
export function EditsDialog({ conversation, messageId, onClose }: EditsDialogProps) {
  const load = useCallback(() => conversation.edits(messageId), [conversation, messageId]);
  const { value, failure } = useLoaded(load);
  return (
    <Dialog title="Edit history" onClose={onClose}>
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <ol className="evidence" aria-label="Versions">
        {value?.map((version) => (
          <li key={version.revision}>
            <b>
              <time dateTime={version.writtenAt}>{fullTime(new Date(version.writtenAt))}</time>
            </b>
            <span dir="auto">{version.body ?? "No text"}</span>
          </li>
        ))}
      </ol>
    </Dialog>
  );
}
