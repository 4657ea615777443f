import type { Member } from "@confab/sdk";
import { useChat } from "@confab/sdk/react";
import { useState } from "react";
import { Choices } from "../../components/Choices.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { Field } from "../../components/Field.tsx";
import { after, DAY_S, HOUR_S } from "../../format/until.ts";
import { useTask } from "../use-task.ts";

const TERMS = [
  { value: HOUR_S, label: "For an hour" },
  { value: DAY_S, label: "For a day" },
  { value: 7 * DAY_S, label: "For a week" },
  { value: 30 * DAY_S, label: "For 30 days" },
  { value: 0, label: "Until it is lifted" },
];

interface BanDialogProps {
  conversationId: string;
  member: Member;
  onClose: () => void;
}

export function BanDialog({ conversationId, member, onClose }: BanDialogProps) {
  const chat = useChat();
  const { busy, failure, run } = useTask();
  const [seconds, setSeconds] = useState(DAY_S);
  const [reason, setReason] = useState("");
  const { displayName } = member.user;
  const ban = (): Promise<unknown> =>
    chat.request("banMember", {
      params: { conversationId, userId: member.userId },
      body: {
        ...(reason.trim() && { reason: reason.trim() }),
        ...(seconds > 0 && { expiresAt: after(seconds) }),
      },
    });
  return (
    <Dialog title={`Ban ${displayName}?`} onClose={onClose}>
      <p>{displayName} leaves the group at once and cannot be added again while the ban lasts.</p>
      <Choices label="How long" choices={TERMS} value={seconds} onChange={setSeconds} />
      <Field
        label="Reason"
        hint="Admins and moderators see it."
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
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
          onClick={() => run(ban, onClose)}
        >
          Ban
        </button>
      </div>
    </Dialog>
  );
}
