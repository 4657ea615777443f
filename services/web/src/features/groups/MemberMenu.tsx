import type { Role } from "@confab/contract";
import type { ConversationHandle, Member } from "@confab/sdk";
import { useChat } from "@confab/sdk/react";
import { Icon } from "../../components/Icon.tsx";
import { Menu, MenuItem } from "../../components/Menu.tsx";
import { conversationPath, navigate } from "../../router.ts";
import { toastFailure } from "../toast-failure.ts";
import { mayRemove } from "./rights.ts";

export const ROLE_LABELS = { admin: "Admin", moderator: "Moderator", member: "Member" } as const;
const ROLES = Object.keys(ROLE_LABELS) as Role[];

interface MemberMenuProps {
  conversation: ConversationHandle;
  member: Member;
  role: Role | null;
  anchor: HTMLElement;
  onClose: () => void;
  onRemove: () => void;
  onBan: () => void;
  onBlock: () => void;
}

export function MemberMenu({ conversation, member, role, anchor, onClose, ...on }: MemberMenuProps) {
  const chat = useChat();
  const then = (work: () => void) => () => {
    onClose();
    work();
  };
  const write = (): void =>
    void chat.openDirect(member.userId).then((id) => navigate(conversationPath(id)), toastFailure);
  return (
    <Menu label={`${member.user.displayName}: actions`} anchor={anchor} onClose={onClose}>
      <MenuItem onSelect={then(write)}>
        <Icon name="chat" /> Send a message
      </MenuItem>
      {role === "admin" ? (
        <>
          <hr />
          <p className="menu-title" aria-hidden="true">
            Role
          </p>
          {ROLES.map((each) => (
            <MenuItem
              key={each}
              checked={each === member.role}
              onSelect={then(() => void conversation.changeRole(member.userId, each).catch(toastFailure))}
            >
              {ROLE_LABELS[each]}
            </MenuItem>
          ))}
        </>
      ) : null}
      <hr />
      <MenuItem onSelect={then(on.onBlock)}>
        <Icon name="ban" /> Block
      </MenuItem>
      {mayRemove(role, member.role) ? (
        <>
          <MenuItem danger onSelect={then(on.onRemove)}>
            <Icon name="leave" /> Remove from group
          </MenuItem>
          <MenuItem danger onSelect={then(on.onBan)}>
            <Icon name="ban" /> Ban…
          </MenuItem>
        </>
      ) : null}
    </Menu>
  );
}
