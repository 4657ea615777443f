import { useChat, useConversations } from "@confab/sdk/react";
import { useCallback } from "react";
import { Dialog } from "../../components/Dialog.tsx";
import { badgeCount } from "../../format/names.ts";
import { listTime } from "../../format/time.ts";
import { conversationPath, navigate } from "../../router.ts";
import { useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";
import { conversationName, summarise } from "../conversations/labels.ts";
import { useNow } from "../presence/use-now.ts";
import { useLoaded } from "../use-loaded.ts";

/** Threads that one follows, latest reply first. */
export function ThreadsDialog() {
  const chat = useChat();
  const { userId } = useSession();
  const { items: conversations } = useConversations();
  const { setOverlay, setPanel } = useUi();
  const now = useNow();
  const load = useCallback(() => chat.threads({ limit: 50 }), [chat]);
  const { value, failure } = useLoaded(load);
  const open = (conversationId: string, rootId: string): void => {
    setOverlay(null);
    setPanel({ kind: "thread", conversationId, rootId });
    navigate(conversationPath(conversationId));
  };
  return (
    <Dialog title="Threads" onClose={() => setOverlay(null)}>
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <ul className="rows" aria-label="Threads">
        {value?.items.map(({ root, rootId, conversationId, unreadCount }) => {
          const place = conversations.find((item) => item.id === conversationId);
          return (
            <li key={rootId}>
              <button type="button" className="row row-button" onClick={() => open(conversationId, rootId)}>
                <span className="row-text">
                  <b>{summarise(root)}</b>
                  <span>
                    {place ? `${conversationName(place, userId)} · ` : ""}
                    {root.thread?.replyCount ?? 0} replies
                    {root.thread ? `, ${listTime(new Date(root.thread.lastReplyAt), now)}` : ""}
                  </span>
                </span>
                {unreadCount > 0 ? (
                  <>
                    <span className="badge" data-count={badgeCount(unreadCount)} aria-hidden="true" />
                    <span className="visually-hidden">, {unreadCount} unread</span>
                  </>
                ) : null}
              </button>
            </li>
          );
        })}
      </ul>
      <p className="list-note" role="status">
        {value?.items.length === 0 ? "You follow no thread yet. Reply in one to follow it." : ""}
      </p>
    </Dialog>
  );
}
