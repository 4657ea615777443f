import type { ConversationSettings, Role } from "@confab/contract";
import type { Conversation } from "@confab/sdk";
import { useChat } from "@confab/sdk/react";
import { useState } from "react";
import { toastFailure } from "../toast-failure.ts";
import { GroupSettingsFields } from "./GroupSettingsFields.tsx";
import { isModerator } from "./rights.ts";

/** Takes effect at once; the group's own system message says so to everybody. */
export function GroupSettings({ details, role }: { details: Conversation; role: Role | null }) {
  const chat = useChat();
  /** Shown as asked for until the answer is there. */
  const [asked, setAsked] = useState<Partial<ConversationSettings>>({});
  const change = ({ announcement, slowModeSeconds }: Partial<ConversationSettings>): void => {
    const body = {
      ...(announcement !== undefined && { announcement }),
      ...(slowModeSeconds !== undefined && { slowModeSeconds }),
    };
    setAsked(body);
    chat
      .request("updateConversation", { params: { conversationId: details.id }, body })
      .catch(toastFailure)
      .finally(() => setAsked({}));
  };
  return (
    <details className="disclosure">
      <summary>Settings</summary>
      <GroupSettingsFields
        settings={{ ...details.settings, ...asked }}
        historyFixed
        mayAnnounce={role === "admin"}
        mayChange={isModerator(role)}
        onChange={change}
      />
    </details>
  );
}
