import type { Conversation, ConversationHandle } from "@confab/sdk";
import { useEffect, useRef, useState } from "react";
import { ConfirmDialog } from "../../components/ConfirmDialog.tsx";
import { Icon } from "../../components/Icon.tsx";
import { IconButton } from "../../components/IconButton.tsx";
import { useFocusReturn } from "../../components/use-focus-return.ts";
import { navigate } from "../../router.ts";
import { useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";
import { errorText } from "../error-text.ts";
import { AddPeopleDialog } from "./AddPeopleDialog.tsx";

import { MemberRow } from "./MemberRow.tsx";
import { RenameDialog } from "./RenameDialog.tsx";

interface DetailsPanelProps {
  conversation: ConversationHandle;
  details: Conversation;
  name: string;
}

export function DetailsPanel({ conversation, details, name }: DetailsPanelProps) {
  const { userId } = useSession();
  const { setDetailsOpen, toast } = useUi();
  const [dialog, setDialog] = useState<"add" | "rename" | "leave" | null>(null);
  const panel = useRef<HTMLElement>(null);
  const group = details.kind === "group";
  const me = details.members.find((member) => member.userId === userId);
  const mayManage = group && (me?.role === "admin" || me?.role === "moderator");

  useEffect(() => {
    panel.current?.focus();
  }, []);
  useFocusReturn();

  const leave = async (): Promise<void> => {
    setDialog(null);
    try {
      await conversation.removeMember(userId);
      navigate("/", "replace");
    } catch (error) {
      toast(errorText(error));
    }
  };

  return (
    <aside
      ref={panel}
      className="details"
      aria-label="Details"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !dialog) setDetailsOpen(false);
      }}
    >
      <header className="details-header">
        <h2>{group ? "Group details" : "Details"}</h2>
        <IconButton icon="close" label="Close details" onClick={() => setDetailsOpen(false)} />
      </header>
      <div className="details-scroll">
        {group ? (
          <div className="details-name">
            <h3>{name}</h3>
            {mayManage ? (
              <IconButton icon="edit" label="Rename group" onClick={() => setDialog("rename")} />
            ) : null}
          </div>
        ) : null}
        <ul className="people" aria-label="Members">
          {details.members.map((member) => (
            <MemberRow key={member.userId} member={member} isMe={member.userId === userId} />
          ))}
        </ul>
        {details.memberCount > details.members.length ? (
          <p className="list-note">and {details.memberCount - details.members.length} more</p>
        ) : null}
        {group ? (
          <div className="details-actions">
            {mayManage ? (
              <button type="button" className="button" onClick={() => setDialog("add")}>
                <Icon name="plus" size={16} /> Add people
              </button>
            ) : null}
            <button type="button" className="button button-danger-quiet" onClick={() => setDialog("leave")}>
              <Icon name="leave" size={16} /> Leave group
            </button>
          </div>
        ) : null}
      </div>
      {dialog === "add" ? (
        <AddPeopleDialog conversation={conversation} details={details} onClose={() => setDialog(null)} />
      ) : null}
      {dialog === "rename" ? (
        <RenameDialog
          conversation={conversation}
          title={details.title ?? ""}
          onClose={() => setDialog(null)}
        />
      ) : null}
      {dialog === "leave" ? (
        <ConfirmDialog
          title={`Leave ${name}?`}
          text="You will no longer see what is written here. Somebody in the group can add you again."
          action="Leave"
          onConfirm={() => void leave()}
          onClose={() => setDialog(null)}
        />
      ) : null}
    </aside>
  );
}
