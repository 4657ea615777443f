import { useChat, useConversations } from "@confab/sdk/react";
import { type KeyboardEvent, useState } from "react";
import { EmptyState } from "../../components/EmptyState.tsx";
import { Skeleton } from "../../components/Skeleton.tsx";
import { useRoute } from "../../router.ts";
import { useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";
import { errorText } from "../error-text.ts";
import { ConversationRow } from "./ConversationRow.tsx";
import { conversationName } from "./labels.ts";

/** Arrow keys, Home and End walk the rows; Tab walks them too, since they are plain links. */
function onListKeys(event: KeyboardEvent<HTMLUListElement>): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>("a.conversation-row")];
  const at = rows.indexOf(document.activeElement as HTMLAnchorElement);
  const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (target === undefined) return;
  event.preventDefault();
  rows[Math.min(Math.max(target, 0), rows.length - 1)]?.focus();
}

export function ConversationList({ filter }: { filter: string }) {
  const chat = useChat();
  const { items, hasMore, status, error } = useConversations();
  const { userId } = useSession();
  const { conversationId } = useRoute();
  const { setOverlay, archivedShown, setArchivedShown } = useUi();
  const [loadingMore, setLoadingMore] = useState(false);

  if (status === "loading" && items.length === 0) {
    return <Skeleton label="Loading conversations" rows={6} shape="conversation" />;
  }
  if (status === "failed" && items.length === 0) {
    return (
      <EmptyState icon="warning" title="Your conversations did not load">
        <p>{errorText(error)}</p>
        <p>It is tried again by itself.</p>
      </EmptyState>
    );
  }
  if (items.length === 0) {
    return (
      <EmptyState icon="chat" title="No conversations yet">
        <p>Say hello to somebody, or bring several people together in a group.</p>
        <button type="button" className="button button-primary" onClick={() => setOverlay("direct")}>
          Start a conversation
        </button>
      </EmptyState>
    );
  }

  const placed = items.filter((item) => (item.personal?.archivedAt != null) === archivedShown);
  const wanted = filter.trim().toLocaleLowerCase();
  const shown = wanted
    ? placed.filter((item) => conversationName(item, userId).toLocaleLowerCase().includes(wanted))
    : placed;
  const loadMore = (): void => {
    setLoadingMore(true);
    void chat
      .loadMoreConversations()
      .catch((failure: unknown) => useUi.getState().toast(errorText(failure)))
      .finally(() => setLoadingMore(false));
  };
  return (
    <>
      {archivedShown ? (
        <button
          type="button"
          className="button button-quiet list-more"
          onClick={() => setArchivedShown(false)}
        >
          Leave the archive
        </button>
      ) : null}
      <ul className="conversation-list" aria-label="Conversations" onKeyDown={onListKeys}>
        {shown.map((item) => (
          <ConversationRow key={item.id} item={item} open={item.id === conversationId} />
        ))}
      </ul>
      {shown.length === 0 ? (
        <p className="list-note">
          {wanted
            ? `No conversation has “${filter.trim()}” in its name.`
            : archivedShown
              ? "The archive is empty."
              : "All of your conversations are in the archive."}
        </p>
      ) : null}
      {hasMore ? (
        <button
          type="button"
          className="button button-quiet list-more"
          disabled={loadingMore}
          onClick={loadMore}
        >
          {loadingMore ? "Loading…" : "Show older conversations"}
        </button>
      ) : null}
    </>
  );
}
