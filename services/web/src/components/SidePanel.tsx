import { type ReactNode, useEffect, useRef } from "react";
import { IconButton } from "./IconButton.tsx";
import { useFocusReturn } from "./use-focus-return.ts";

interface SidePanelProps {
  title: string;
  /** Of the landmark and of its close button. */
  label: string;
  onClose: () => void;
  children: ReactNode;
  actions?: ReactNode;
}

/** Beside the conversation, or over it where there is no room. Esc closes it, unless a dialog above it is open. */
export function SidePanel({ title, label, onClose, children, actions }: SidePanelProps) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    panel.current?.focus();
  }, []);
  useFocusReturn();
  return (
    <aside
      ref={panel}
      className="details"
      aria-label={label}
      tabIndex={-1}
      onKeyDown={(event) => {
        const inDialog = event.target instanceof Element && event.target.closest("dialog") !== null;
        if (event.key === "Escape" && !inDialog) onClose();
      }}
    >
      <header className="details-header">
        <h2>{title}</h2>
        {actions}
        <IconButton icon="close" label={`Close ${label.toLocaleLowerCase()}`} onClick={onClose} />
      </header>
      {children}
    </aside>
  );
}
