import type { Conversation, ConversationHandle, User } from "@confab/sdk";
import { useState } from "react";
import { Dialog } from "../../components/Dialog.tsx";
import { PeopleChoice } from "../conversations/PeopleChoice.tsx";
import { errorText } from "../error-text.ts";

interface AddPeopleDialogProps {
  conversation: ConversationHandle;
  details: Conversation;
  onClose: () => void;
}

export function AddPeopleDialog({ conversation, details, onClose }: AddPeopleDialogProps) {
  const [chosen, setChosen] = useState<User[]>([]);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");

  const add = async (): Promise<void> => {
    setBusy(true);
    setFailure("");
    try {
      for (const user of chosen) await conversation.addMember(user.id);
      onClose();
    } catch (error) {
      setFailure(errorText(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title="Add people" onClose={onClose}>
      <PeopleChoice
        chosen={chosen}
        onChange={setChosen}
        except={details.members.map((member) => member.userId)}
      />
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <button
        type="button"
        className="button button-primary"
        disabled={busy || chosen.length === 0}
        onClick={() => void add()}
      >
        Add
      </button>
    </Dialog>
  );
}
