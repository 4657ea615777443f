import type { ConversationHandle, MessageList } from "@confab/sdk";
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useUi } from "../../ui-store.ts";
import { errorText } from "../error-text.ts";
import { usePageVisible } from "../presence/use-page-visible.ts";
import { countNew, newestSeq } from "./timeline.ts";

/** Closer to the end than this counts as being there. */
const END_PX = 80;
/** Ask for more this many screens before it is needed: Safari loses the anchor of a prepend while it bounces. */
const AHEAD_SCREENS = 1.5;
const HIGHLIGHT_MS = 1_600;

interface ScrollInput {
  conversation: ConversationHandle;
  list: MessageList;
  scroller: RefObject<HTMLDivElement | null>;
  /** A row that stays mounted wherever one scrolls: it has focus, or its menu is open. */
  keepKey: string | null;
}

/**
 * The reader's place. Older messages never move it; new ones are followed only from the end; a message counts as
 * read when the end is on screen and the page is visible.
 */
export function useMessageScroll({ conversation, list, scroller, keepKey }: ScrollInput) {
  const { items, hasOlder, hasNewer, atLatest, firstUnreadSeq, status } = list;
  const visible = usePageVisible();
  const [atEnd, setAtEnd] = useState(false);
  const [seenSeq, setSeenSeq] = useState(0);
  const [olderState, setOlderState] = useState<"idle" | "loading" | "failed">("idle");
  const [highlightedKey, setHighlightedKey] = useState<string | null>(null);
  const [unreadReached, setUnreadReached] = useState(false);
  const target = useRef<{ seq: number; align: "start" | "center" } | "latest" | "opening" | null>("opening");

  const keepIndex = keepKey === null ? -1 : items.findIndex((item) => item.key === keepKey);
  const rangeExtractor = useCallback(
    (range: Range): number[] => {
      const indexes = defaultRangeExtractor(range);
      if (keepIndex < 0 || indexes.includes(keepIndex)) return indexes;
      return keepIndex < range.startIndex ? [keepIndex, ...indexes] : [...indexes, keepIndex];
    },
    [keepIndex],
  );

  const virtualizer = useVirtualizer<HTMLDivElement, Element>({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 56,
    getItemKey: (index) => items[index]?.key ?? index,
    rangeExtractor,
    overscan: 8,
    paddingStart: 12,
    paddingEnd: 8,
    anchorTo: "end",
    followOnAppend: atLatest,
    scrollEndThreshold: END_PX,
    directDomUpdates: true,
    useFlushSync: false,
  });

  const loadOlder = useCallback(() => {
    setOlderState("loading");
    conversation.loadOlder().then(
      () => setOlderState("idle"),
      () => setOlderState("failed"),
    );
  }, [conversation]);
  const loadingNewer = useRef(false);
  const loadNewer = useCallback(() => {
    if (loadingNewer.current) return;
    loadingNewer.current = true;
    void conversation
      .loadNewer()
      .catch((error: unknown) => useUi.getState().toast(errorText(error)))
      .finally(() => {
        loadingNewer.current = false;
      });
  }, [conversation]);

  const look = useCallback(() => {
    const element = scroller.current;
    if (!element || target.current !== null || items.length === 0) return;
    const fromEnd = element.scrollHeight - element.scrollTop - element.clientHeight;
    const ahead = element.clientHeight * AHEAD_SCREENS;
    setAtEnd(fromEnd <= END_PX && !hasNewer);
    if (element.scrollTop < ahead && hasOlder && olderState === "idle" && status === "ready") loadOlder();
    if (fromEnd < ahead && hasNewer && status === "ready") loadNewer();
  }, [scroller, items, hasOlder, hasNewer, olderState, status, loadOlder, loadNewer]);

  // Where to stand: at the first unread message when it opens, else at the end; later where a jump led.
  useLayoutEffect(() => {
    const wanted = target.current;
    if (wanted === null || items.length === 0 || status === "loading") return;
    const seq = wanted === "opening" ? firstUnreadSeq : wanted === "latest" ? null : wanted.seq;
    const index = seq === null ? -1 : items.findIndex((item) => item.seq === seq);
    const item = items[index];
    if (item)
      virtualizer.scrollToIndex(index, {
        align: wanted === "opening" || wanted === "latest" ? "start" : wanted.align,
      });
    else virtualizer.scrollToEnd();
    if (item && wanted !== "opening") setHighlightedKey(item.key);
    target.current = null;
  }, [items, status, firstUnreadSeq, virtualizer]);
  // StrictMode mounts twice, and the second time the virtualizer starts at the top again.
  useLayoutEffect(
    () => () => {
      target.current = "opening";
    },
    [],
  );
  useEffect(look, [look]);

  useEffect(() => {
    if (highlightedKey === null) return;
    const timer = setTimeout(() => setHighlightedKey(null), HIGHLIGHT_MS);
    return () => clearTimeout(timer);
  }, [highlightedKey]);

  // The own message is always shown, wherever one was reading.
  const last = items.at(-1);
  const lastOwnKey = last?.mine && last.seq === null ? last.key : null;
  useLayoutEffect(() => {
    if (lastOwnKey === null || target.current !== null) return;
    virtualizer.scrollToEnd();
    setUnreadReached(true);
  }, [lastOwnKey, virtualizer]);

  // A composer that grows or a keyboard that opens takes height: the end stays in sight.
  useEffect(() => {
    const element = scroller.current;
    if (!element || !atEnd) return;
    const observer = new ResizeObserver(() => virtualizer.scrollToEnd());
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, atEnd, virtualizer]);

  const newest = newestSeq(items);
  useEffect(() => {
    if (!atEnd || !atLatest || newest === 0) return;
    setSeenSeq((seen) => Math.max(seen, newest));
    if (visible) conversation.markRead(newest);
  }, [atEnd, atLatest, visible, newest, conversation]);

  const jump = (to: { seq: number } | "latest", align: "start" | "center" = "center"): void => {
    target.current = to === "latest" ? "latest" : { seq: to.seq, align };
    conversation.jumpTo(to).catch((error: unknown) => {
      target.current = null;
      useUi.getState().toast(errorText(error));
    });
  };

  const unreadLoaded =
    firstUnreadSeq !== null && (items[0]?.seq ?? Number.POSITIVE_INFINITY) <= firstUnreadSeq;
  return {
    virtualizer,
    onScroll: look,
    olderState,
    loadOlder,
    highlightedKey,
    /** The first unread message is further up than what is loaded. */
    unreadAbove: firstUnreadSeq !== null && !unreadLoaded && !unreadReached,
    jumpToUnread: () => {
      setUnreadReached(true);
      if (firstUnreadSeq !== null) jump({ seq: firstUnreadSeq }, "start");
    },
    awayFromEnd: !atEnd || !atLatest,
    newCount: countNew(items, seenSeq),
    jumpToLatest: () => {
      if (!atLatest) return jump("latest");
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      virtualizer.scrollToEnd({ behavior: calm || virtualizer.getTotalSize() > 20_000 ? "auto" : "smooth" });
    },
  };
}
