import type { ConversationHandle } from "@confab/sdk";
import { type FormEvent, useState } from "react";
import { Dialog } from "../../components/Dialog.tsx";
import { Field } from "../../components/Field.tsx";
import { errorText } from "../error-text.ts";

interface RenameDialogProps {
  conversation: ConversationHandle;
  title: string;
  onClose: () => void;
}

export function RenameDialog({ conversation, title, onClose }: RenameDialogProps) {
  const [name, setName] = useState(title);
  const [failure, setFailure] = useState("");

  const rename = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await conversation.rename(name.trim());
      onClose();
    } catch (error) {
      setFailure(errorText(error));
    }
  };

  return (
    <Dialog title="Rename group" onClose={onClose}>
      <form className="dialog-form" onSubmit={(event) => void rename(event)}>
        <Field
          label="Group name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          maxLength={200}
          required
        />
        <p className="form-failure" role="alert">
          {failure}
        </p>
        <button type="submit" className="button button-primary" disabled={name.trim() === ""}>
          Save
        </button>
      </form>
    </Dialog>
  );
}
