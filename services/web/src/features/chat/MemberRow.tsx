import type { Member } from "@confab/sdk";
import { usePresence } from "@confab/sdk/react";
import { Avatar } from "../../components/Avatar.tsx";
import { IconButton } from "../../components/IconButton.tsx";
import { ROLE_LABELS } from "../groups/MemberMenu.tsx";
import { PresenceText } from "../presence/PresenceText.tsx";

interface MemberRowProps {
  member: Member;
  isMe: boolean;
  menuOpen: boolean;
  onMenu: (anchor: HTMLElement) => void;
}

export function MemberRow({ member, isMe, menuOpen, onMenu }: MemberRowProps) {
  const presence = usePresence(member.userId);
  const { displayName } = member.user;
  return (
    <li className="person member">
      <Avatar id={member.userId} name={displayName} size="small" presence={presence?.status} />
      <span className="member-lines">
        <span className="person-name">
          {displayName}
          {isMe ? " (you)" : ""}
        </span>
        {isMe ? null : <PresenceText presence={presence} />}
      </span>
      {member.role === "member" ? null : <span className="role">{ROLE_LABELS[member.role]}</span>}
      {isMe ? null : (
        <IconButton
          icon="more"
          label={`Actions for ${displayName}`}
          aria-haspopup="menu"
          aria-expanded={menuOpen}
          onClick={(event) => onMenu(event.currentTarget)}
        />
      )}
    </li>
  );
}
