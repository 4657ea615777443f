import type { Conversation } from "@confab/sdk";
import { useChat } from "@confab/sdk/react";
import { Icon } from "../../components/Icon.tsx";
import { Menu, MenuItem } from "../../components/Menu.tsx";
import { isAhead } from "../../format/until.ts";
import { navigate } from "../../router.ts";
import { useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";
import { peerOf } from "../conversations/labels.ts";
import { isModerator, roleOf } from "../groups/rights.ts";
import { useNow } from "../presence/use-now.ts";
import { usePersonal } from "../reading/use-personal.ts";
import { toastFailure } from "../toast-failure.ts";

interface ConversationMenuProps {
  details: Conversation;
  anchor: HTMLElement;
  onClose: () => void;
  onMute: () => void;
  onBlock: () => void;
}

/** What one does with a conversation as a whole, most of it for oneself alone. */
export function ConversationMenu({ details, anchor, onClose, onMute, onBlock }: ConversationMenuProps) {
  const conversation = useChat().conversation(details.id);
  const { userId } = useSession();
  const { setPanel, setOverlay, toast } = useUi();
  const personal = usePersonal(details.id);
  const muted = isAhead(personal?.mutedUntil, useNow());
  const peer = peerOf(details, userId);
  const then = (work: () => void) => () => {
    onClose();
    work();
  };
  const set = (change: Parameters<typeof conversation.setPersonal>[0], said: string): void =>
    void conversation.setPersonal(change).then(() => toast(said), toastFailure);
  const unread = (): void =>
    void conversation.markUnread(details.lastSeq).then(() => navigate("/"), toastFailure);
  return (
    <Menu label="Conversation actions" anchor={anchor} onClose={onClose}>
      <MenuItem onSelect={then(() => setOverlay("search"))}>
        <Icon name="search" /> Search messages
      </MenuItem>
      <MenuItem onSelect={then(() => setPanel({ kind: "pins" }))}>
        <Icon name="pin" /> Pinned messages
      </MenuItem>
      {isModerator(roleOf(details, userId)) ? (
        <MenuItem onSelect={then(() => setPanel({ kind: "reports" }))}>
          <Icon name="flag" /> Reports
        </MenuItem>
      ) : null}
      <hr />
      {details.lastSeq > 0 ? (
        <MenuItem onSelect={then(unread)}>
          <Icon name="dot" /> Mark as unread
        </MenuItem>
      ) : null}
      <MenuItem
        onSelect={then(muted ? () => set({ mutedUntil: null }, "Notifications are on again.") : onMute)}
      >
        <Icon name={muted ? "bell" : "mute"} /> {muted ? "Unmute" : "Mute…"}
      </MenuItem>
      {personal?.pinnedAt ? (
        <MenuItem onSelect={then(() => set({ pinned: false }, "No longer at the top."))}>
          <Icon name="pin" /> Unpin from the top
        </MenuItem>
      ) : (
        <MenuItem onSelect={then(() => set({ pinned: true }, "Pinned to the top of your list."))}>
          <Icon name="pin" /> Pin to the top
        </MenuItem>
      )}
      {personal?.archivedAt ? (
        <MenuItem onSelect={then(() => set({ archived: false }, "Back in your list."))}>
          <Icon name="archive" /> Take out of the archive
        </MenuItem>
      ) : (
        <MenuItem onSelect={then(() => set({ archived: true }, "Archived."))}>
          <Icon name="archive" /> Archive
        </MenuItem>
      )}
      {peer ? (
        <MenuItem danger onSelect={then(onBlock)}>
          <Icon name="ban" /> Block {peer.displayName}
        </MenuItem>
      ) : null}
    </Menu>
  );
}
