import type { TimelineMessage } from "@confab/sdk";
import type { ReactVirtualizer } from "@tanstack/react-virtual";
import {
  type FocusEvent,
  type KeyboardEvent,
  type RefObject,
  useLayoutEffect,
  useRef,
  useState,
} from "react";

interface RovingInput {
  items: TimelineMessage[];
  virtualizer: ReactVirtualizer<HTMLDivElement, Element>;
  scroller: RefObject<HTMLDivElement | null>;
  activeKey: string | null;
  setActiveKey: (key: string) => void;
  /** Esc on a message: back to writing. */
  onLeaveList: () => void;
}

const rowOf = (scroller: HTMLElement | null, key: string): HTMLElement | null =>
  scroller?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) ?? null;

/**
 * The list is one Tab stop. Arrow keys, Home and End move between messages, Enter goes into one, Esc comes out of it.
 * PageUp and PageDown stay with the browser.
 */
export function useRovingRows({
  items,
  virtualizer,
  scroller,
  activeKey,
  setActiveKey,
  onLeaveList,
}: RovingInput) {
  const pendingFocus = useRef<string | null>(null);
  /** Focus is on something in this row, and not on the row itself. */
  const [enteredKey, setEnteredKey] = useState<string | null>(null);
  const activeIndex = activeKey === null ? -1 : items.findIndex((item) => item.key === activeKey);
  const stopIndex = activeIndex >= 0 ? activeIndex : (virtualizer.getVirtualItems().at(-1)?.index ?? -1);
  const tabStopKey = items[stopIndex]?.key ?? null;

  // The row to focus may have to be rendered first.
  useLayoutEffect(() => {
    const row = pendingFocus.current === null ? null : rowOf(scroller.current, pendingFocus.current);
    if (!row) return;
    pendingFocus.current = null;
    row.focus({ preventScroll: true });
  });

  const onFocus = (event: FocusEvent): void => {
    const row = (event.target as HTMLElement).closest<HTMLElement>("[data-key]");
    const key = row?.dataset.key;
    if (key !== undefined && key !== activeKey) setActiveKey(key);
    setEnteredKey(key !== undefined && event.target !== row ? key : null);
  };
  const onBlur = (event: FocusEvent): void => {
    if (!event.currentTarget.contains(event.relatedTarget)) setEnteredKey(null);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    const row = target.closest<HTMLElement>("[data-key]");
    if (!row) return;
    if (target !== row) {
      if (event.key === "Escape") row.focus();
      return;
    }
    if (event.key === "Enter") {
      event.preventDefault();
      row.querySelector<HTMLElement>("a, button")?.focus();
      return;
    }
    if (event.key === "Escape") {
      onLeaveList();
      return;
    }
    const at = items.findIndex((item) => item.key === row.dataset.key);
    const next = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: items.length - 1 }[event.key];
    const item = next === undefined ? undefined : items[next];
    if (next === undefined || !item) return;
    event.preventDefault();
    pendingFocus.current = item.key;
    setActiveKey(item.key);
    virtualizer.scrollToIndex(next, { align: "auto" });
  };

  return { tabStopKey, enteredKey, onFocus, onBlur, onKeyDown };
}
