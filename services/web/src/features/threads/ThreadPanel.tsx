import type { Conversation, ConversationHandle, Message, TimelineMessage } from "@confab/sdk";
import { useReadable } from "@confab/sdk/react";
import { useEffect, useRef, useState } from "react";
import { SidePanel } from "../../components/SidePanel.tsx";
import { useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";
import { Composer, type ComposerIntent } from "../chat/Composer.tsx";
import { type MessageAct, MessageMenu } from "../chat/MessageMenu.tsx";
import { MessageRow } from "../chat/MessageRow.tsx";
import { rowShape } from "../chat/timeline.ts";
import { errorText } from "../error-text.ts";
import { maySend } from "../groups/rights.ts";
import { usePageVisible } from "../presence/use-page-visible.ts";
import { toastFailure } from "../toast-failure.ts";

interface ThreadPanelProps {
  conversation: ConversationHandle;
  details: Conversation;
  rootId: string;
  /** Own replies that are not committed yet. */
  pending: TimelineMessage[];
  onAct: (act: MessageAct) => void;
}

const toRow = (message: Message, userId: string): TimelineMessage => {
  const mine = message.senderId === userId;
  return { ...message, key: mine ? message.clientMessageId : message.id, mine, state: "sent" };
};

const countText = (count: number): string =>
  count === 0 ? "No replies yet" : count === 1 ? "1 reply" : `${count} replies`;

export function ThreadPanel({ conversation, details, rootId, pending, onAct }: ThreadPanelProps) {
  const { userId } = useSession();
  const setPanel = useUi((ui) => ui.setPanel);
  const visible = usePageVisible();
  const thread = conversation.thread(rootId);
  const { root, items, state, hasOlder, error } = useReadable(thread.view);
  useEffect(() => thread.open(), [thread]);
  const [intent, setIntent] = useState<ComposerIntent>(null);
  const [menu, setMenu] = useState<{ key: string; anchor: HTMLElement } | null>(null);
  const composer = useRef<HTMLTextAreaElement>(null);
  const end = useRef<HTMLDivElement>(null);

  const replies = items.map((item) => toRow(item, userId));
  const known = new Set(replies.map((item) => item.key));
  const rows = [...replies, ...pending.filter((item) => !known.has(item.key))];
  const all = root ? [toRow(root, userId), ...rows] : [];
  const lastSeq = items.at(-1)?.seq ?? 0;
  const unread = state !== null && lastSeq > state.readSeq;
  useEffect(() => {
    // Told again with the next reply.
    if (unread && visible) thread.markRead(lastSeq).catch(() => undefined);
  }, [unread, visible, lastSeq, thread]);
  const lastKey = rows.at(-1)?.key;
  useEffect(() => {
    if (lastKey) end.current?.scrollIntoView({ block: "end" });
  }, [lastKey]);

  const menuMessage = menu && all.find((item) => item.key === menu.key);
  const act = (next: MessageAct): void => {
    if (next.kind === "edit") {
      setIntent({ kind: "edit", message: next.message });
      composer.current?.focus();
    } else onAct(next);
  };
  const row = (message: TimelineMessage, index: number, list: TimelineMessage[]) => (
    <MessageRow
      key={message.key}
      {...rowShape(list[index - 1], message, list[index + 1], null)}
      message={message}
      conversation={conversation}
      kind="group"
      members={details.members}
      active
      entered
      highlighted={false}
      menuOpen={menu?.key === message.key}
      onMenu={(key, anchor) => setMenu((open) => (open?.key === key ? null : { key, anchor }))}
    />
  );

  return (
    <SidePanel
      title="Thread"
      label="Thread"
      onClose={() => setPanel(null)}
      actions={
        state ? (
          <button
            type="button"
            className="button button-small"
            aria-pressed={state.following}
            onClick={() => (state.following ? thread.unfollow() : thread.follow()).catch(toastFailure)}
          >
            {state.following ? "Following" : "Follow"}
          </button>
        ) : null
      }
    >
      <div className="details-scroll thread-scroll" role="log" aria-live="off" aria-label="Thread messages">
        <p className="form-failure" role="alert">
          {error ? errorText(error) : ""}
        </p>
        {root ? (
          <>
            {row(toRow(root, userId), 0, all.slice(0, 1))}
            <p className="thread-count">{countText(Math.max(rows.length, root.thread?.replyCount ?? 0))}</p>
            {hasOlder ? (
              <button
                type="button"
                className="button button-quiet"
                onClick={() => void thread.loadOlder().catch(toastFailure)}
              >
                Show older replies
              </button>
            ) : null}
            {rows.map(row)}
          </>
        ) : null}
        <div ref={end} />
      </div>
      <Composer
        ref={composer}
        conversation={conversation}
        intent={intent}
        onIntent={setIntent}
        lastOwn={rows.findLast((item) => item.mine && item.id !== null && !item.deletedAt)}
        members={details.members}
        threadRootId={rootId}
        closed={maySend(details, userId) ? null : "Only admins and moderators write here."}
      />
      {menu && menuMessage ? (
        <MessageMenu
          message={menuMessage}
          conversation={conversation}
          details={details}
          anchor={menu.anchor}
          onClose={() => setMenu(null)}
          onAct={act}
          inThread
        />
      ) : null}
    </SidePanel>
  );
}
