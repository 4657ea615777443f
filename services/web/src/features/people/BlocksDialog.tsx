import { useChat, useChatEvent } from "@confab/sdk/react";
import { useCallback } from "react";
import { Avatar } from "../../components/Avatar.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { useUi } from "../../ui-store.ts";
import { toastFailure } from "../toast-failure.ts";
import { useLoaded } from "../use-loaded.ts";

export function BlocksDialog() {
  const chat = useChat();
  const setOverlay = useUi((ui) => ui.setOverlay);
  const load = useCallback(() => chat.request("listBlocks", { query: { limit: 100 } }), [chat]);
  const { value, failure, reload } = useLoaded(load);
  useChatEvent("block:changed", reload);
  const unblock = (userId: string): void =>
    void chat.request("unblockUser", { params: { userId } }).then(reload, toastFailure);
  return (
    <Dialog title="Blocked people" onClose={() => setOverlay(null)}>
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <ul className="rows" aria-label="Blocked people">
        {value?.items.map(({ user }) => (
          <li key={user.id} className="row">
            <Avatar id={user.id} name={user.displayName} size="small" />
            <span className="row-text">
              <b>{user.displayName}</b>
            </span>
            <button type="button" className="button button-small" onClick={() => unblock(user.id)}>
              Unblock<span className="visually-hidden"> {user.displayName}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="list-note" role="status">
        {value?.items.length === 0 ? "You block nobody." : ""}
      </p>
    </Dialog>
  );
}
