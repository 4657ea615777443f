import type { TimelineMessage } from "@confab/sdk";
import { useChatEvent, useConversation, useMessages } from "@confab/sdk/react";
import { useEffect, useRef, useState } from "react";
import { EmptyState } from "../../components/EmptyState.tsx";
import { navigate } from "../../router.ts";
import { useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";
import { conversationName } from "../conversations/labels.ts";
import { maySend, pauseFor } from "../groups/rights.ts";
import { toastFailure } from "../toast-failure.ts";
import { ChatHeader } from "./ChatHeader.tsx";
import { Composer, type ComposerIntent } from "./Composer.tsx";
import { MessageDialogs } from "./MessageDialogs.tsx";
import { MessageList } from "./MessageList.tsx";
import type { MessageAct } from "./MessageMenu.tsx";
import { PanelBeside } from "./PanelBeside.tsx";
import { TypingLine } from "./TypingLine.tsx";

const isEditable = (item: TimelineMessage): boolean =>
  item.mine && item.id !== null && !item.deletedAt && item.kind === "text" && !item.threadRootId;

/** One conversation; the caller's `key` makes a new one of it for another conversation. */
export function ChatPane({ conversationId }: { conversationId: string }) {
  const { conversation, details } = useConversation(conversationId);
  const list = useMessages(conversationId);
  // The list is mounted once the conversation is open, for what is unread is known only then.
  const [opened, setOpened] = useState(false);
  useEffect(() => setOpened(true), []);
  const { userId } = useSession();
  const openThread = useUi((ui) => ui.openThread);
  const [intent, setIntent] = useState<ComposerIntent>(null);
  const [act, setAct] = useState<MessageAct | null>(null);
  const composer = useRef<HTMLTextAreaElement>(null);
  const name = details ? conversationName(details, userId) : "";
  useChatEvent("conversation:removed", (gone) => {
    if (gone.conversationId !== conversationId) return;
    useUi.getState().toast(`You are no longer in ${name || "this conversation"}.`);
    navigate("/", "replace");
  });

  if (list.status === "failed" && list.items.length === 0 && list.error?.code === "not_found") {
    return (
      <main className="chat-pane chat-none chat-missing">
        <EmptyState icon="chat" title="This conversation is not here">
          <p>It may have been left, or the address is not quite right.</p>
          <button type="button" className="button" onClick={() => navigate("/")}>
            Back to your conversations
          </button>
        </EmptyState>
      </main>
    );
  }

  const onIntent = (next: ComposerIntent): void => {
    setIntent(next);
    composer.current?.focus();
  };
  const onAct = (next: MessageAct): void => {
    const { kind, message } = next;
    if (kind === "reply" || kind === "edit") onIntent({ kind, message });
    else if (kind === "thread" && message.id) openThread(conversationId, message.id);
    else if (kind === "unread" && message.seq !== null) {
      conversation.markUnread(message.seq).then(() => navigate("/"), toastFailure);
    } else setAct(next);
  };
  return (
    <>
      <main className="chat-pane" aria-label={name ? `Chat with ${name}` : "Chat"}>
        <ChatHeader details={details} name={name} />
        {opened ? (
          <MessageList
            conversation={conversation}
            list={list}
            details={details}
            name={name}
            onAct={onAct}
            onLeaveList={() => composer.current?.focus()}
          />
        ) : (
          <div className="message-area" />
        )}
        <TypingLine conversationId={conversationId} details={details} />
        <Composer
          ref={composer}
          conversation={conversation}
          intent={intent}
          onIntent={onIntent}
          lastOwn={list.items.findLast(isEditable)}
          members={details?.members ?? []}
          closed={maySend(details, userId) ? null : "Only admins and moderators write here."}
          pauseSeconds={pauseFor(details, userId)}
        />
      </main>
      {details ? (
        <PanelBeside
          conversation={conversation}
          details={details}
          name={name}
          items={list.items}
          onAct={onAct}
        />
      ) : null}
      {act ? (
        <MessageDialogs
          act={act}
          conversation={conversation}
          details={details}
          onClose={() => setAct(null)}
        />
      ) : null}
    </>
  );
}
