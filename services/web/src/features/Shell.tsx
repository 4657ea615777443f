import { useEffect } from "react";
import { EmptyState } from "../components/EmptyState.tsx";
import { useRoute } from "../router.ts";
import { useUi } from "../ui-store.ts";
import { ChatPane } from "./chat/ChatPane.tsx";
import { NewDirectDialog } from "./conversations/NewDirectDialog.tsx";
import { NewGroupDialog } from "./conversations/NewGroupDialog.tsx";
import { Sidebar } from "./conversations/Sidebar.tsx";
import { ConnectionBanner } from "./notifications/ConnectionBanner.tsx";
import { useAnnouncements } from "./notifications/use-announcements.ts";
import { usePageTitle } from "./notifications/use-page-title.ts";
import { BlocksDialog } from "./people/BlocksDialog.tsx";
import { ProfileDialog } from "./people/ProfileDialog.tsx";
import { StatusDialog } from "./people/StatusDialog.tsx";
import { SearchDialog } from "./search/SearchDialog.tsx";
import { ThreadsDialog } from "./threads/ThreadsDialog.tsx";

/** List and conversation side by side; a narrow window shows one of them, by the address. */
export function Shell() {
  const { conversationId } = useRoute();
  const overlay = useUi((ui) => ui.overlay);
  usePageTitle(conversationId);
  useAnnouncements(conversationId);
  // What stands beside a conversation goes with it, unless it was opened for the new one.
  useEffect(() => {
    const { panel, setPanel } = useUi.getState();
    if (panel?.kind !== "thread" || panel.conversationId !== conversationId) setPanel(null);
  }, [conversationId]);
  return (
    <div className="shell" data-pane={conversationId ? "chat" : "list"}>
      <ConnectionBanner />
      <Sidebar />
      {conversationId ? (
        <ChatPane key={conversationId} conversationId={conversationId} />
      ) : (
        <main className="chat-pane chat-none">
          <EmptyState icon="chat" title="Choose a conversation">
            <p>Or start a new one with the buttons above the list.</p>
          </EmptyState>
        </main>
      )}
      {overlay === "direct" ? <NewDirectDialog /> : null}
      {overlay === "group" ? <NewGroupDialog /> : null}
      {overlay === "search" ? <SearchDialog /> : null}
      {overlay === "threads" ? <ThreadsDialog /> : null}
      {overlay === "profile" ? <ProfileDialog /> : null}
      {overlay === "status" ? <StatusDialog /> : null}
      {overlay === "blocks" ? <BlocksDialog /> : null}
    </div>
  );
}
