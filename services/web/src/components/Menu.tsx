import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from "react";
import { Icon } from "./Icon.tsx";

interface MenuProps {
  label: string;
  /** The button that opened it: the menu stands beside it and gives focus back to it. */
  anchor: HTMLElement;
  onClose: () => void;
  children: ReactNode;
}

const GAP_PX = 6;
const items = (menu: HTMLElement): HTMLElement[] => [
  ...menu.querySelectorAll<HTMLElement>('[role^="menuitem"]'),
];

function place(menu: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + GAP_PX;
  const top = below + height > innerHeight ? Math.max(GAP_PX, at.top - GAP_PX - height) : below;
  const left = Math.min(Math.max(GAP_PX, at.right - width), innerWidth - width - GAP_PX);
  menu.style.top = `${top}px`;
  menu.style.left = `${left}px`;
}

/** Arrow keys, Home, End and Esc as in the ARIA menu pattern; a popover, so it is above everything. */
export function Menu({ label, anchor, onClose, children }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const element = menu.current;
    if (!element) return;
    element.showPopover();
    place(element, anchor);
    items(element)[0]?.focus();
    return () => {
      const inside = element.contains(document.activeElement) || document.activeElement === document.body;
      if (inside && anchor.isConnected) anchor.focus();
    };
  }, [anchor]);

  useEffect(() => {
    const onResize = (): void => close.current();
    const onPointerDown = ({ target }: PointerEvent): void => {
      // A press on the anchor is left to its own click, which toggles.
      if (target instanceof Node && !menu.current?.contains(target) && !anchor.contains(target))
        close.current();
    };
    addEventListener("resize", onResize);
    addEventListener("pointerdown", onPointerDown);
    return () => {
      removeEventListener("resize", onResize);
      removeEventListener("pointerdown", onPointerDown);
    };
  }, [anchor]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const all = items(event.currentTarget);
    const at = all.indexOf(document.activeElement as HTMLElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    let next: HTMLElement | undefined;
    if (step) next = all.at((at + step) % all.length);
    else if (event.key === "Home") next = all[0];
    else if (event.key === "End") next = all.at(-1);
    else if (event.key === "Tab" || event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    }
    if (next) {
      event.preventDefault();
      next.focus();
    }
  };

  return (
    <div
      ref={menu}
      popover="manual"
      role="menu"
      aria-label={label}
      className="menu"
      onKeyDown={onKeyDown}
      tabIndex={-1}
    >
      {children}
    </div>
  );
}

interface MenuItemProps {
  onSelect: () => void;
  children: ReactNode;
  danger?: boolean;
  label?: string;
  /** Given: one of several choices, of which one is taken. */
  checked?: boolean;
}

export function MenuItem({ onSelect, children, danger = false, label, checked }: MenuItemProps) {
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: aria-checked comes with menuitemradio only
    <button
      type="button"
      role={checked === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={checked}
      tabIndex={-1}
      className={`menu-item ${danger ? "menu-item-danger" : ""}`}
      aria-label={label}
      onClick={onSelect}
    >
      {children}
      {checked ? <Icon name="check" size={16} /> : null}
    </button>
  );
}
