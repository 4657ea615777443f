import { useChat } from "@confab/sdk/react";
import { Dialog } from "../../components/Dialog.tsx";
import { after, DAY_S, FOR_EVER, HOUR_S } from "../../format/until.ts";
import { useTask } from "../use-task.ts";

const TERMS: [string, () => string][] = [
  ["For an hour", () => after(HOUR_S)],
  ["For 8 hours", () => after(8 * HOUR_S)],
  ["For a day", () => after(DAY_S)],
  ["For a week", () => after(7 * DAY_S)],
  ["Until I turn it on again", () => FOR_EVER],
];

export function MuteDialog({ conversationId, onClose }: { conversationId: string; onClose: () => void }) {
  const conversation = useChat().conversation(conversationId);
  const { busy, failure, run } = useTask();
  return (
    <Dialog title="Mute this conversation" onClose={onClose}>
      <p>Its messages still come in and count as unread. You are not notified of them.</p>
      <div className="stack">
        {TERMS.map(([label, until]) => (
          <button
            key={label}
            type="button"
            className="button"
            disabled={busy}
            onClick={() => run(() => conversation.setPersonal({ mutedUntil: until() }), onClose)}
          >
            {label}
          </button>
        ))}
      </div>
      <p className="form-failure" role="alert">
        {failure}
      </p>
    </Dialog>
  );
}
