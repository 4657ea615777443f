import type { Conversation, ConversationHandle } from "@confab/sdk";
import { useState } from "react";
import { Choices } from "../../components/Choices.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { navigate } from "../../router.ts";
import { useTask } from "../use-task.ts";
import { heirs } from "./rights.ts";

interface LeaveDialogProps {
  conversation: ConversationHandle;
  details: Conversation;
  name: string;
  userId: string;
  onClose: () => void;
}

/** The last admin says who comes next. */
export function LeaveDialog({ conversation, details, name, userId, onClose }: LeaveDialogProps) {
  const { busy, failure, run } = useTask();
  const choices = heirs(details, userId).map((member) => ({
    value: member.userId,
    label: member.user.displayName,
  }));
  const [heirId, setHeirId] = useState(choices[0]?.value ?? "");

  const leave = async (): Promise<void> => {
    if (heirId) await conversation.changeRole(heirId, "admin");
    await conversation.removeMember(userId);
    navigate("/", "replace");
  };

  return (
    <Dialog title={`Leave ${name}?`} onClose={onClose}>
      <p>You will no longer see what is written here. Somebody in the group can add you again.</p>
      {choices.length > 0 ? (
        <Choices
          label="New admin"
          choices={choices}
          value={heirId}
          onChange={setHeirId}
          hint="You are the last admin, so somebody takes over."
        />
      ) : null}
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="button button-danger" disabled={busy} onClick={() => run(leave)}>
          Leave
        </button>
      </div>
    </Dialog>
  );
}
