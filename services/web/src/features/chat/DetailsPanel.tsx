import type { Conversation, ConversationHandle } from "@confab/sdk";
import { useState } from "react";
import { Icon } from "../../components/Icon.tsx";
import { IconButton } from "../../components/IconButton.tsx";
import { SidePanel } from "../../components/SidePanel.tsx";
import { useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";
import { BansDialog } from "../groups/BansDialog.tsx";
import { GroupSettings } from "../groups/GroupSettings.tsx";
import { LeaveDialog } from "../groups/LeaveDialog.tsx";
import { isModerator, roleOf } from "../groups/rights.ts";
import { AddPeopleDialog } from "./AddPeopleDialog.tsx";
import { MemberList } from "./MemberList.tsx";
import { RenameDialog } from "./RenameDialog.tsx";

interface DetailsPanelProps {
  conversation: ConversationHandle;
  details: Conversation;
  name: string;
}

export function DetailsPanel({ conversation, details, name }: DetailsPanelProps) {
  const { userId } = useSession();
  const { setPanel } = useUi();
  const [dialog, setDialog] = useState<"add" | "rename" | "leave" | "bans" | null>(null);
  const close = (): void => setDialog(null);
  const group = details.kind === "group";
  const role = roleOf(details, userId);
  const mayManage = isModerator(role);

  return (
    <SidePanel title={group ? "Group details" : "Details"} label="Details" onClose={() => setPanel(null)}>
      <div className="details-scroll">
        {group ? (
          <div className="details-name">
            <h3>{name}</h3>
            {mayManage ? (
              <IconButton icon="edit" label="Rename group" onClick={() => setDialog("rename")} />
            ) : null}
          </div>
        ) : null}
        <MemberList conversation={conversation} details={details} role={role} />
        {group ? (
          <div className="details-actions">
            <GroupSettings details={details} role={role} />
            {mayManage ? (
              <>
                <button type="button" className="button" onClick={() => setDialog("add")}>
                  <Icon name="plus" size={16} /> Add people
                </button>
                <button type="button" className="button" onClick={() => setPanel({ kind: "reports" })}>
                  <Icon name="flag" size={16} /> Reports
                </button>
                <button type="button" className="button" onClick={() => setDialog("bans")}>
                  <Icon name="ban" size={16} /> Banned people
                </button>
              </>
            ) : null}
            <button type="button" className="button button-danger-quiet" onClick={() => setDialog("leave")}>
              <Icon name="leave" size={16} /> Leave group
            </button>
          </div>
        ) : null}
      </div>
      {dialog === "add" ? (
        <AddPeopleDialog conversation={conversation} details={details} onClose={close} />
      ) : null}
      {dialog === "rename" ? (
        <RenameDialog conversation={conversation} title={details.title ?? ""} onClose={close} />
      ) : null}
      {dialog === "bans" ? <BansDialog conversationId={details.id} onClose={close} /> : null}
      {dialog === "leave" ? (
        <LeaveDialog
          conversation={conversation}
          details={details}
          name={name}
          userId={userId}
          onClose={close}
        />
      ) : null}
    </SidePanel>
  );
}
