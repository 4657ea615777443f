import { useChat } from "@confab/sdk/react";
import { useCallback } from "react";
import { Dialog } from "../../components/Dialog.tsx";
import { untilText } from "../../format/until.ts";
import { useNames } from "../chat/people.ts";
import { useNow } from "../presence/use-now.ts";
import { toastFailure } from "../toast-failure.ts";
import { useLoaded } from "../use-loaded.ts";

export function BansDialog({ conversationId, onClose }: { conversationId: string; onClose: () => void }) {
  const chat = useChat();
  const now = useNow();
  const load = useCallback(
    () => chat.request("listBans", { params: { conversationId }, query: { limit: 100 } }),
    [chat, conversationId],
  );
  const { value, failure, reload } = useLoaded(load);
  const nameOf = useNames(value?.items.map((ban) => ban.userId) ?? [], []);
  const lift = (userId: string): void =>
    void chat.request("unbanMember", { params: { conversationId, userId } }).then(reload, toastFailure);
  return (
    <Dialog title="Banned people" onClose={onClose}>
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <ul className="rows" aria-label="Banned people">
        {value?.items.map((ban) => (
          <li key={ban.userId} className="row">
            <span className="row-text">
              <b>{nameOf(ban.userId)}</b>
              <span>
                {ban.expiresAt ? `Until ${untilText(new Date(ban.expiresAt), now)}` : "Until it is lifted"}
                {ban.reason ? ` · ${ban.reason}` : ""}
              </span>
            </span>
            <button type="button" className="button button-small" onClick={() => lift(ban.userId)}>
              Lift<span className="visually-hidden"> the ban of {nameOf(ban.userId)}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="list-note" role="status">
        {value?.items.length === 0 ? "Nobody is banned." : ""}
      </p>
    </Dialog>
  );
}
