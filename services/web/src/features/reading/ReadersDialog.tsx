import type { ConversationHandle } from "@confab/sdk";
import { useCallback } from "react";
import { Avatar } from "../../components/Avatar.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { useLoaded } from "../use-loaded.ts";

interface ReadersDialogProps {
  conversation: ConversationHandle;
  messageId: string;
  onClose: () => void;
}

/** Names in groups of up to 200 people, counts in larger ones. */
export function ReadersDialog({ conversation, messageId, onClose }: ReadersDialogProps) {
  const load = useCallback(() => conversation.readers(messageId), [conversation, messageId]);
  const { value, failure } = useLoaded(load);
  return (
    <Dialog title="Seen by" onClose={onClose}>
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <p role="status">
        {value ? `${value.readCount} have seen it, ${value.deliveredCount} have received it.` : ""}
      </p>
      <ul className="people" aria-label="Seen by">
        {value?.users.map((user) => (
          <li key={user.id} className="person">
            <Avatar id={user.id} name={user.displayName} size="small" />
            <span className="person-name">{user.displayName}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
