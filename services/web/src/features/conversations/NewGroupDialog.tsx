import type { User } from "@confab/sdk";
import { useChat } from "@confab/sdk/react";
import { type FormEvent, useState } from "react";
import { Dialog } from "../../components/Dialog.tsx";
import { Field } from "../../components/Field.tsx";
import { conversationPath, navigate } from "../../router.ts";
import { useUi } from "../../ui-store.ts";
import { errorText } from "../error-text.ts";
import { GroupSettingsFields } from "../groups/GroupSettingsFields.tsx";
import { DEFAULT_SETTINGS } from "../groups/settings.ts";
import { PeopleChoice } from "./PeopleChoice.tsx";

export function NewGroupDialog() {
  const chat = useChat();
  const setOverlay = useUi((ui) => ui.setOverlay);
  const [title, setTitle] = useState("");
  const [chosen, setChosen] = useState<User[]>([]);
  const [settings, setSettings] = useState(DEFAULT_SETTINGS);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");

  const create = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      const created = await chat.request("createConversation", {
        body: { kind: "group", title: title.trim(), memberIds: chosen.map((user) => user.id), ...settings },
      });
      setOverlay(null);
      navigate(conversationPath(created.id));
    } catch (error) {
      setFailure(errorText(error));
      setBusy(false);
    }
  };

  return (
    <Dialog title="New group" onClose={() => setOverlay(null)}>
      <form className="dialog-form" onSubmit={(event) => void create(event)}>
        <Field
          label="Group name"
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          maxLength={200}
          required
          placeholder="For example: Launch team"
        />
        <PeopleChoice chosen={chosen} onChange={setChosen} />
        <details className="disclosure">
          <summary>Settings</summary>
          <GroupSettingsFields
            settings={settings}
            onChange={(change) => setSettings({ ...settings, ...change })}
          />
        </details>
        <p className="form-failure" role="alert">
          {failure}
        </p>
        <button
          type="submit"
          className="button button-primary"
          disabled={busy || title.trim() === "" || chosen.length === 0}
        >
          Create group
        </button>
      </form>
    </Dialog>
  );
}
