import type { Conversation, ConversationHandle, MessageList as Messages } from "@confab/sdk";
import { useCallback, useMemo, useRef, useState } from "react";
import { EmptyState } from "../../components/EmptyState.tsx";
import { Icon } from "../../components/Icon.tsx";
import { Skeleton } from "../../components/Skeleton.tsx";
import { badgeCount } from "../../format/names.ts";
import { useUi } from "../../ui-store.ts";
import { errorText } from "../error-text.ts";
import { type MessageAct, MessageMenu } from "./MessageMenu.tsx";
import { MessageRow } from "./MessageRow.tsx";
import { newestSeq, rowShape } from "./timeline.ts";
import { useMessageScroll } from "./use-message-scroll.ts";
import { useRovingRows } from "./use-roving-rows.ts";

interface MessageListProps {
  conversation: ConversationHandle;
  list: Messages;
  details: Conversation | null;
  name: string;
  onAct: (act: MessageAct) => void;
  onLeaveList: () => void;
}

export function MessageList({
  conversation,
  list: all,
  details,
  name,
  onAct,
  onLeaveList,
}: MessageListProps) {
  // Replies in threads are in the thread.
  const items = useMemo(() => all.items.filter((item) => item.threadRootId === null), [all.items]);
  const list = useMemo(() => ({ ...all, items }), [all, items]);
  const [menu, setMenu] = useState<{ key: string; anchor: HTMLElement } | null>(null);
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const scroll = useMessageScroll({
    conversation,
    list,
    newest: newestSeq(all.items),
    scroller,
    keepKey: menu?.key ?? activeKey,
  });
  const { virtualizer } = scroll;
  const rows = virtualizer.getVirtualItems();
  const roving = useRovingRows({ items, virtualizer, scroller, activeKey, setActiveKey, onLeaveList });
  const onThread = useUi((ui) => ui.openThread);
  const onMenu = useCallback(
    (key: string, anchor: HTMLElement) => setMenu((open) => (open?.key === key ? null : { key, anchor })),
    [],
  );
  const menuMessage = menu && items.find((item) => item.key === menu.key);

  return (
    <div className="message-area">
      {/* Not live: a virtual list would read history anew; the page's announcer says what arrives. */}
      <div
        ref={scroller}
        className="message-scroller"
        role="log"
        aria-live="off"
        aria-label="Messages"
        aria-busy={list.status === "loading"}
        onScroll={scroll.onScroll}
        onKeyDown={roving.onKeyDown}
        onFocus={roving.onFocus}
        onBlur={roving.onBlur}
      >
        <div ref={virtualizer.containerRef} className="message-track">
          {rows.map(({ index, key }) => {
            const message = items[index];
            if (!message) return null;
            return (
              <div key={key} ref={virtualizer.measureElement} data-index={index} className="message-slot">
                {index === 0 && !list.hasOlder ? (
                  <p className="history-start">This is the beginning of your conversation.</p>
                ) : null}
                <MessageRow
                  {...rowShape(items[index - 1], message, items[index + 1], list.firstUnreadSeq)}
                  message={message}
                  conversation={conversation}
                  kind={details?.kind ?? "direct"}
                  members={details?.members ?? []}
                  active={message.key === roving.tabStopKey}
                  entered={message.key === roving.enteredKey}
                  highlighted={message.key === scroll.highlightedKey}
                  menuOpen={menu?.key === message.key}
                  onMenu={onMenu}
                  onThread={onThread}
                />
              </div>
            );
          })}
        </div>
      </div>
      <ListState conversation={conversation} list={list} name={name} scroll={scroll} />
      {menu && menuMessage ? (
        <MessageMenu
          message={menuMessage}
          conversation={conversation}
          details={details}
          anchor={menu.anchor}
          onClose={() => setMenu(null)}
          onAct={onAct}
        />
      ) : null}
    </div>
  );
}

type Scroll = ReturnType<typeof useMessageScroll>;

/** What floats above the list: nothing of it moves a message. */
function ListState({
  conversation,
  list,
  name,
  scroll,
}: Pick<MessageListProps, "conversation" | "list" | "name"> & { scroll: Scroll }) {
  const { items, status, error, hasOlder } = list;
  if (items.length === 0) {
    if (status === "loading" || status === "idle")
      return <Skeleton label="Loading messages" rows={5} shape="message" />;
    if (status === "failed") {
      return (
        <EmptyState icon="warning" title="The messages did not load">
          <p>{errorText(error)}</p>
          <button
            type="button"
            className="button"
            onClick={() => void conversation.jumpTo("latest").catch(() => undefined)}
          >
            Try again
          </button>
        </EmptyState>
      );
    }
    if (hasOlder) return null;
    return (
      <EmptyState icon="chat" title={name ? `Say hello to ${name}` : "Say hello"}>
        <p>Nothing has been written here yet. Enter sends, Shift+Enter starts a new line.</p>
      </EmptyState>
    );
  }
  return (
    <>
      {scroll.olderState === "loading" ? <p className="history-note">Loading older messages…</p> : null}
      {scroll.olderState === "failed" ? (
        <p className="history-note">
          Older messages did not load.{" "}
          <button type="button" className="link-button" onClick={scroll.loadOlder}>
            Try again
          </button>
        </p>
      ) : null}
      {scroll.unreadAbove ? (
        <button type="button" className="pill pill-top" onClick={scroll.jumpToUnread}>
          Jump to first unread
        </button>
      ) : null}
      {scroll.awayFromEnd ? (
        <button
          type="button"
          className="pill pill-bottom"
          onClick={scroll.jumpToLatest}
          aria-label={
            scroll.newCount > 0 ? `${badgeCount(scroll.newCount)} new, jump to latest` : "Jump to latest"
          }
        >
          {scroll.newCount > 0 ? `${badgeCount(scroll.newCount)} new` : null}
          <Icon name="down" size={18} />
        </button>
      ) : null}
    </>
  );
}
