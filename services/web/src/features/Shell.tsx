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

/** List and conversation side by side; a narrow window shows one of them, by the address. */
export function Shell() {
  const { conversationId } = useRoute();
  const overlay = useUi((ui) => ui.overlay);
  const setDetailsOpen = useUi((ui) => ui.setDetailsOpen);
  usePageTitle(conversationId);
  useAnnouncements(conversationId);
  useEffect(() => setDetailsOpen(false), [conversationId, setDetailsOpen]);
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
    </div>
  );
}
