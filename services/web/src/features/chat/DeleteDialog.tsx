import type { ConversationHandle } from "@confab/sdk";
import { Dialog } from "../../components/Dialog.tsx";
import { useUi } from "../../ui-store.ts";
import { errorText } from "../error-text.ts";

interface DeleteDialogProps {
  conversation: ConversationHandle;
  messageId: string;
  /** One's own, and of others as a moderator; else it can be hidden from oneself only. */
  mayDelete: boolean;
  onClose: () => void;
}

export function DeleteDialog({ conversation, messageId, mayDelete, onClose }: DeleteDialogProps) {
  const remove = (scope: "everyone" | "me"): void => {
    onClose();
    conversation.delete(messageId, scope).catch((error: unknown) => useUi.getState().toast(errorText(error)));
  };
  return (
    <Dialog title="Delete this message?" onClose={onClose}>
      <p>
        {mayDelete
          ? "For everyone: a note stays in its place. For you: others still see it."
          : "It disappears for you. Others still see it."}
      </p>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button" onClick={() => remove("me")}>
          Delete for me
        </button>
        {mayDelete ? (
          <button type="button" className="button button-danger" onClick={() => remove("everyone")}>
            Delete for everyone
          </button>
        ) : null}
      </div>
    </Dialog>
  );
}
