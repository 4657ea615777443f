import { useChat } from "@confab/sdk/react";
import { Icon } from "../../components/Icon.tsx";
import { Menu, MenuItem } from "../../components/Menu.tsx";
import { useUi } from "../../ui-store.ts";
import { toastFailure } from "../toast-failure.ts";

/** What concerns all conversations at once. */
export function ChatsMenu({ anchor, onClose }: { anchor: HTMLElement; onClose: () => void }) {
  const chat = useChat();
  const { setOverlay, archivedShown, setArchivedShown, toast } = useUi();
  const then = (work: () => void) => () => {
    onClose();
    work();
  };
  const readAll = (): void =>
    void chat.markAllRead().then(() => toast("Everything is marked as read."), toastFailure);
  return (
    <Menu label="Chats menu" anchor={anchor} onClose={onClose}>
      <MenuItem onSelect={then(() => setOverlay("search"))}>
        <Icon name="search" /> Search messages
      </MenuItem>
      <MenuItem onSelect={then(() => setOverlay("threads"))}>
        <Icon name="thread" /> Threads
      </MenuItem>
      <MenuItem onSelect={then(() => setArchivedShown(!archivedShown))}>
        <Icon name="archive" /> {archivedShown ? "Leave the archive" : "Archived conversations"}
      </MenuItem>
      <MenuItem onSelect={then(readAll)}>
        <Icon name="checks" /> Mark all as read
      </MenuItem>
    </Menu>
  );
}
