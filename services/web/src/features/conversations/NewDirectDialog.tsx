import { useChat } from "@confab/sdk/react";
import { useState } from "react";
import { Avatar } from "../../components/Avatar.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { conversationPath, navigate } from "../../router.ts";
import { useUi } from "../../ui-store.ts";
import { errorText } from "../error-text.ts";
import { PeoplePicker } from "./PeoplePicker.tsx";

export function NewDirectDialog() {
  const chat = useChat();
  const setOverlay = useUi((ui) => ui.setOverlay);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");

  const open = async (userId: string): Promise<void> => {
    setBusy(true);
    try {
      const id = await chat.openDirect(userId);
      setOverlay(null);
      navigate(conversationPath(id));
    } catch (error) {
      setFailure(errorText(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title="New message" onClose={() => setOverlay(null)}>
      <PeoplePicker
        renderPerson={(user) => (
          <button type="button" className="person" disabled={busy} onClick={() => void open(user.id)}>
            <Avatar id={user.id} name={user.displayName} size="small" />
            <span className="person-name">{user.displayName}</span>
            {user.username ? <span className="person-handle">@{user.username}</span> : null}
          </button>
        )}
      />
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <button type="button" className="button button-quiet" onClick={() => setOverlay("group")}>
        New group instead
      </button>
    </Dialog>
  );
}
