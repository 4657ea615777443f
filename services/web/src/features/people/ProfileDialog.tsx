import type { Me } from "@confab/sdk";
import { LIMITS } from "@confab/sdk";
import { useChat, useMe } from "@confab/sdk/react";
import { type FormEvent, useState } from "react";
import { Choices } from "../../components/Choices.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { Field } from "../../components/Field.tsx";
import { useUi } from "../../ui-store.ts";
import { useTask } from "../use-task.ts";

const PRIVACY_CHOICES = [
  { value: "everyone", label: "Everybody who is signed in" },
  { value: "shared", label: "People I share a conversation with" },
  { value: "nobody", label: "Nobody" },
] as const;

export function ProfileDialog() {
  const me = useMe();
  return me ? <ProfileForm me={me} /> : null;
}

function ProfileForm({ me }: { me: Me }) {
  const chat = useChat();
  const setOverlay = useUi((ui) => ui.setOverlay);
  const { busy, failure, run } = useTask();
  const [displayName, setDisplayName] = useState(me.displayName);
  const [avatarUrl, setAvatarUrl] = useState(me.avatarUrl ?? "");
  const [presencePrivacy, setPrivacy] = useState(me.presencePrivacy);
  const close = (): void => setOverlay(null);
  const save = (event: FormEvent): void => {
    event.preventDefault();
    run(
      () =>
        chat.updateMe({
          displayName: displayName.trim(),
          avatarUrl: avatarUrl.trim() || null,
          presencePrivacy,
        }),
      close,
    );
  };
  return (
    <Dialog title="Profile and privacy" onClose={close}>
      <form className="dialog-form" onSubmit={save}>
        <Field
          label="Your name"
          required
          maxLength={LIMITS.displayNameLength}
          value={displayName}
          onChange={(event) => setDisplayName(event.target.value)}
        />
        <Field
          label="Address of a picture"
          type="url"
          placeholder="https://"
          value={avatarUrl}
          onChange={(event) => setAvatarUrl(event.target.value)}
          hint="Kept for other clients; this one shows initials."
        />
        <Choices
          label="Who sees whether you are online, and your status"
          choices={PRIVACY_CHOICES}
          value={presencePrivacy}
          onChange={setPrivacy}
        />
        <p className="form-failure" role="alert">
          {failure}
        </p>
        <button type="submit" className="button button-primary" disabled={busy || displayName.trim() === ""}>
          Save
        </button>
      </form>
    </Dialog>
  );
}
