import type { User } from "@confab/sdk";
import { useChat } from "@confab/sdk/react";
import { Dialog } from "../../components/Dialog.tsx";
import { useUi } from "../../ui-store.ts";
import { useTask } from "../use-task.ts";

export function BlockDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const chat = useChat();
  const { busy, failure, run } = useTask();
  const done = (): void => {
    onClose();
    useUi.getState().toast(`${user.displayName} is blocked. The account menu lists whom you block.`);
  };
  return (
    <Dialog title={`Block ${user.displayName}?`} onClose={onClose}>
      <p>Nothing passes between you two any more: no messages, no typing, no presence. They are not told.</p>
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className="button button-danger"
          disabled={busy}
          onClick={() => run(() => chat.request("blockUser", { params: { userId: user.id } }), done)}
        >
          Block
        </button>
      </div>
    </Dialog>
  );
}
