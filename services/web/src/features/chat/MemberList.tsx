import type { Role } from "@confab/contract";
import type { Conversation, ConversationHandle, Member } from "@confab/sdk";
import { useState } from "react";
import { ConfirmDialog } from "../../components/ConfirmDialog.tsx";
import { useSession } from "../auth/session.ts";
import { BanDialog } from "../groups/BanDialog.tsx";
import { MemberMenu } from "../groups/MemberMenu.tsx";
import { BlockDialog } from "../people/BlockDialog.tsx";
import { toastFailure } from "../toast-failure.ts";
import { MemberRow } from "./MemberRow.tsx";

interface MemberListProps {
  conversation: ConversationHandle;
  details: Conversation;
  /** One's own, in a group. */
  role: Role | null;
}

type Act = { kind: "remove" | "ban" | "block"; member: Member } | null;

export function MemberList({ conversation, details, role }: MemberListProps) {
  const { userId } = useSession();
  const [menu, setMenu] = useState<{ member: Member; anchor: HTMLElement } | null>(null);
  const [act, setAct] = useState<Act>(null);
  const close = (): void => setAct(null);
  return (
    <>
      <ul className="people" aria-label="Members">
        {details.members.map((member) => (
          <MemberRow
            key={member.userId}
            member={member}
            isMe={member.userId === userId}
            menuOpen={menu?.member.userId === member.userId}
            onMenu={(anchor) => setMenu((open) => (open?.anchor === anchor ? null : { member, anchor }))}
          />
        ))}
      </ul>
      {details.memberCount > details.members.length ? (
        <p className="list-note">and {details.memberCount - details.members.length} more</p>
      ) : null}
      {menu ? (
        <MemberMenu
          conversation={conversation}
          member={menu.member}
          role={role}
          anchor={menu.anchor}
          onClose={() => setMenu(null)}
          onRemove={() => setAct({ kind: "remove", member: menu.member })}
          onBan={() => setAct({ kind: "ban", member: menu.member })}
          onBlock={() => setAct({ kind: "block", member: menu.member })}
        />
      ) : null}
      {act?.kind === "remove" ? (
        <ConfirmDialog
          title={`Remove ${act.member.user.displayName}?`}
          text="They no longer see what is written here. They can be added again."
          action="Remove"
          onConfirm={() => {
            close();
            conversation.removeMember(act.member.userId).catch(toastFailure);
          }}
          onClose={close}
        />
      ) : null}
      {act?.kind === "ban" ? (
        <BanDialog conversationId={details.id} member={act.member} onClose={close} />
      ) : null}
      {act?.kind === "block" ? <BlockDialog user={act.member.user} onClose={close} /> : null}
    </>
  );
}
