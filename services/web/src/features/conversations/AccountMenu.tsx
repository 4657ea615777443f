import { useMe } from "@confab/sdk/react";
import { useState } from "react";
import { Avatar } from "../../components/Avatar.tsx";
import { Icon } from "../../components/Icon.tsx";
import { Menu, MenuItem } from "../../components/Menu.tsx";
import { type Overlay, type Theme, useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";
import { statusText } from "../people/status-text.ts";
import { useNow } from "../presence/use-now.ts";

const THEMES: { theme: Theme; label: string }[] = [
  { theme: "system", label: "Same as the system" },
  { theme: "light", label: "Light" },
  { theme: "dark", label: "Dark" },
];

export function AccountMenu() {
  const me = useMe();
  const { userId, displayName, signOut } = useSession();
  const { theme, setTheme, setOverlay } = useUi();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const name = me?.displayName ?? displayName;
  const saying = statusText(me?.status ?? null, useNow());
  const open = (overlay: Overlay) => () => {
    setAnchor(null);
    setOverlay(overlay);
  };
  return (
    <footer className="account">
      <button
        type="button"
        className="account-button"
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        aria-label={`Account of ${name}`}
        onClick={(event) => setAnchor(anchor ? null : event.currentTarget)}
      >
        <Avatar id={userId} name={name || "?"} size="small" />
        <span className="account-name">
          {name}
          {saying ? <span className="account-status">{saying}</span> : null}
        </span>
        <Icon name="more" />
      </button>
      {anchor ? (
        <Menu label="Account" anchor={anchor} onClose={() => setAnchor(null)}>
          <MenuItem onSelect={open("status")}>
            <Icon name="smile" /> Set a status
          </MenuItem>
          <MenuItem onSelect={open("profile")}>
            <Icon name="people" /> Profile and privacy
          </MenuItem>
          <MenuItem onSelect={open("blocks")}>
            <Icon name="ban" /> Blocked people
          </MenuItem>
          <hr />
          <p className="menu-title" aria-hidden="true">
            Appearance
          </p>
          {THEMES.map((choice) => (
            <MenuItem
              key={choice.theme}
              checked={choice.theme === theme}
              onSelect={() => {
                setTheme(choice.theme);
                setAnchor(null);
              }}
            >
              {choice.label}
            </MenuItem>
          ))}
          <hr />
          <MenuItem onSelect={() => void signOut()}>
            <Icon name="leave" /> Sign out
          </MenuItem>
        </Menu>
      ) : null}
    </footer>
  );
}
