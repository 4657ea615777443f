import type { ConversationHandle, MessageList } from "@confab/sdk";
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useUi } from "../../ui-store.ts";
import { errorText } from "../error-text.ts";
import { usePageVisible } from "../presence/use-page-visible.ts";
import { countNew } from "./timeline.ts";

/** Closer to the end than this counts as being there. */
const END_PX = 80;
/** Ask for more this many screens before it is needed: Safari loses the anchor of a prepend while it bounces. */
const AHEAD_SCREENS = 1.5;
const HIGHLIGHT_MS = 1_600;

interface ScrollInput {
  conversation: ConversationHandle;
  list: MessageList;
  /** The newest seq that is loaded, also of what the list does not show. */
  newest: number;
  scroller: RefObject<HTMLDivElement | null>;
  /** A row that stays mounted wherever one scrolls: it has focus, or its menu is open. */
  keepKey: string | null;
}

/**
 * The reader's place. Older messages never move it; new ones are followed only from the end; a message counts as
 * read when the end is on screen and the page is visible.
 */
export function useMessageScroll({ conversation, list, newest, scroller, keepKey }: ScrollInput) {
  const { items, hasOlder, hasNewer, atLatest, firstUnreadSeq, status } = list;
  const visible = usePageVisible();
  const [atEnd, setAtEnd] = useState(false);
  const seen = useRef({ height: 0, atEnd: false });
  const [seenSeq, setSeenSeq] = useState(0);
  const [olderState, setOlderState] = useState<"idle" | "loading" | "failed">("idle");
  const [highlightedKey, setHighlightedKey] = useState<string | null>(null);
  const [unreadReached, setUnreadReached] = useState(false);
  const target = useRef<{ seq: number } | "latest" | "opening" | null>("opening");

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
    const { clientHeight } = element;
    const fromEnd = element.scrollHeight - element.scrollTop - clientHeight;
    const ahead = clientHeight * AHEAD_SCREENS;
    // A composer that grows or a keyboard that opens takes height: the end stays in sight.
    const stays = seen.current.atEnd && seen.current.height !== clientHeight;
    if (stays) virtualizer.scrollToEnd();
    seen.current = { height: clientHeight, atEnd: stays || (fromEnd <= END_PX && !hasNewer) };
    setAtEnd(seen.current.atEnd);
    if (element.scrollTop < ahead && hasOlder && olderState === "idle" && status === "ready") loadOlder();
    if (fromEnd < ahead && hasNewer && status === "ready") loadNewer();
  }, [scroller, virtualizer, items, hasOlder, hasNewer, olderState, status, loadOlder, loadNewer]);

  // Where to stand: at the first unread message when it opens, else at the end; later where a jump leads, once it is loaded.
  const place = useCallback(() => {
    const wanted = target.current;
    if (wanted === null || items.length === 0 || status === "loading") return;
    const seq = wanted === "opening" ? firstUnreadSeq : wanted === "latest" ? null : wanted.seq;
    const isHere = seq !== null && seq >= (items[0]?.seq ?? 0) && seq <= newest;
    if (wanted === "opening" || wanted === "latest" ? !atLatest : !isHere) return;
    // A message that one has hidden from oneself leaves its neighbour.
    const index = isHere ? items.findIndex((item) => item.seq !== null && item.seq >= seq) : -1;
    if (index >= 0) virtualizer.scrollToIndex(index, { align: "start" });
    else virtualizer.scrollToEnd();
    if (wanted !== "opening") setHighlightedKey(items[index]?.key ?? null);
    target.current = null;
  }, [items, newest, status, firstUnreadSeq, atLatest, virtualizer]);
  /** A jump to what is loaded already changes nothing else. */
  const [jumps, setJumps] = useState(0);
  useLayoutEffect(place, [place, jumps]);
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

  const jump = useCallback(
    (to: { seq: number } | "latest") => {
      target.current = to;
      conversation.jumpTo(to).then(
        () => setJumps((count) => count + 1),
        (error: unknown) => {
          target.current = null;
          useUi.getState().toast(errorText(error));
        },
      );
    },
    [conversation],
  );
  // Left in the middle of its history the last time: it opens at the end all the same.
  useEffect(() => {
    const { status: known, atLatest: isLatest } = conversation.messages.getSnapshot();
    if (known === "ready" && !isLatest) conversation.jumpTo("latest").catch(() => virtualizer.scrollToEnd());
  }, [conversation, virtualizer]);

  // The own message is always shown, wherever one was reading.
  const last = items.at(-1);
  const lastOwnKey = last?.mine && last.seq === null ? last.key : null;
  useLayoutEffect(() => {
    if (lastOwnKey === null || target.current !== null) return;
    setUnreadReached(true);
    if (conversation.messages.getSnapshot().atLatest) virtualizer.scrollToEnd();
    else jump("latest");
  }, [lastOwnKey, virtualizer, conversation, jump]);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, look]);

  useEffect(() => {
    if (!atEnd || !atLatest || newest === 0) return;
    setSeenSeq((before) => Math.max(before, newest));
    if (visible) conversation.markRead(newest);
  }, [atEnd, atLatest, visible, newest, conversation]);

  const wanted = useUi((ui) => (ui.jump?.conversationId === conversation.id ? ui.jump : null));
  const jumped = useRef(0);
  useEffect(() => {
    if (!wanted || status !== "ready" || jumped.current === wanted.count) return;
    jumped.current = wanted.count;
    jump({ seq: wanted.seq });
  }, [wanted, status, jump]);

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
      if (firstUnreadSeq !== null) jump({ seq: firstUnreadSeq });
    },
    awayFromEnd: !atEnd || !atLatest,
    newCount: countNew(items, seenSeq || (firstUnreadSeq === null ? newest : firstUnreadSeq - 1)),
    jumpToLatest: () => {
      if (!atLatest) return jump("latest");
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      virtualizer.scrollToEnd({ behavior: calm || virtualizer.getTotalSize() > 20_000 ? "auto" : "smooth" });
    },
  };
}
