import type { TimelineMessage } from "@confab/sdk";
import { useConversation, useMessages } from "@confab/sdk/react";
import { useEffect, useRef, useState } from "react";
import { EmptyState } from "../../components/EmptyState.tsx";
import { navigate } from "../../router.ts";
import { useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";
import { conversationName } from "../conversations/labels.ts";
import { ChatHeader } from "./ChatHeader.tsx";
import { Composer, type ComposerIntent } from "./Composer.tsx";
import { DeleteDialog } from "./DeleteDialog.tsx";
import { DetailsPanel } from "./DetailsPanel.tsx";
import { MessageList } from "./MessageList.tsx";
import { TypingLine } from "./TypingLine.tsx";

/** One conversation; the caller's `key` makes a new one of it for another conversation. */
export function ChatPane({ conversationId }: { conversationId: string }) {
  const { conversation, details } = useConversation(conversationId);
  const list = useMessages(conversationId);
  // The list is mounted once the conversation is open, for what is unread is known only then.
  const [opened, setOpened] = useState(false);
  useEffect(() => setOpened(true), []);
  const { userId } = useSession();
  const detailsOpen = useUi((ui) => ui.detailsOpen);
  const [intent, setIntent] = useState<ComposerIntent>(null);
  const [deleting, setDeleting] = useState<TimelineMessage | null>(null);
  const composer = useRef<HTMLTextAreaElement>(null);
  const name = details ? conversationName(details, userId) : "";

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
            onReply={(message) => onIntent({ kind: "reply", message })}
            onEdit={(message) => onIntent({ kind: "edit", message })}
            onDelete={setDeleting}
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
          lastOwn={list.items.findLast(
            (item) => item.mine && item.id !== null && !item.deletedAt && item.kind === "text",
          )}
          members={details?.members ?? []}
        />
      </main>
      {detailsOpen && details ? (
        <DetailsPanel conversation={conversation} details={details} name={name} />
      ) : null}
      {deleting?.id ? (
        <DeleteDialog
          conversation={conversation}
          messageId={deleting.id}
          mine={deleting.mine}
          onClose={() => setDeleting(null)}
        />
      ) : null}
    </>
  );
}
