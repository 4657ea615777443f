import type { Member } from "@confab/sdk";
import { usePresence } from "@confab/sdk/react";
import { Avatar } from "../../components/Avatar.tsx";
import { PresenceText } from "../presence/PresenceText.tsx";

const ROLE_LABELS = { admin: "Admin", moderator: "Moderator", member: "" } as const;

export function MemberRow({ member, isMe }: { member: Member; isMe: boolean }) {
  const presence = usePresence(member.userId);
  const { displayName } = member.user;
  return (
    <li className="person">
      <Avatar id={member.userId} name={displayName} size="small" presence={presence?.status} />
      <span className="member-lines">
        <span className="person-name">
          {displayName}
          {isMe ? " (you)" : ""}
        </span>
        {isMe ? null : <PresenceText presence={presence} />}
      </span>
      {ROLE_LABELS[member.role] ? <span className="role">{ROLE_LABELS[member.role]}</span> : null}
    </li>
  );
}
