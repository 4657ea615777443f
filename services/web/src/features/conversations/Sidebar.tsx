import { useState } from "react";
import { Icon } from "../../components/Icon.tsx";
import { IconButton } from "../../components/IconButton.tsx";
import { useUi } from "../../ui-store.ts";
import { AccountMenu } from "./AccountMenu.tsx";
import { ChatsMenu } from "./ChatsMenu.tsx";
import { ConversationList } from "./ConversationList.tsx";

export function Sidebar() {
  const setOverlay = useUi((ui) => ui.setOverlay);
  const [filter, setFilter] = useState("");
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  return (
    <nav className="sidebar" aria-label="Chats">
      <header className="sidebar-header">
        <h1>Chats</h1>
        <IconButton icon="edit" label="New message" onClick={() => setOverlay("direct")} />
        <IconButton icon="people" label="New group" onClick={() => setOverlay("group")} />
        <IconButton
          icon="more"
          label="Chats menu"
          aria-haspopup="menu"
          aria-expanded={anchor !== null}
          onClick={(event) => setAnchor(anchor ? null : event.currentTarget)}
        />
        {anchor ? <ChatsMenu anchor={anchor} onClose={() => setAnchor(null)} /> : null}
      </header>
      <div className="search-field">
        <Icon name="search" size={16} />
        <input
          type="search"
          aria-label="Find a conversation"
          placeholder="Find a conversation"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") setFilter("");
          }}
        />
      </div>
      <div className="sidebar-scroll">
        <ConversationList filter={filter} />
      </div>
      <AccountMenu />
    </nav>
  );
}
