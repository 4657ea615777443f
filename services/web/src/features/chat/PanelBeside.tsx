import type { Conversation, ConversationHandle, TimelineMessage } from "@confab/sdk";
import { useUi } from "../../ui-store.ts";
import { ReportsPanel } from "../moderation/ReportsPanel.tsx";
import { ThreadPanel } from "../threads/ThreadPanel.tsx";
import { DetailsPanel } from "./DetailsPanel.tsx";
import type { MessageAct } from "./MessageMenu.tsx";
import { PinsPanel } from "./PinsPanel.tsx";

interface PanelBesideProps {
  conversation: ConversationHandle;
  details: Conversation;
  name: string;
  items: TimelineMessage[];
  onAct: (act: MessageAct) => void;
}

export function PanelBeside({ conversation, details, name, items, onAct }: PanelBesideProps) {
  const panel = useUi((ui) => ui.panel);
  switch (panel?.kind) {
    case "details":
      return <DetailsPanel conversation={conversation} details={details} name={name} />;
    case "pins":
      return <PinsPanel conversation={conversation} details={details} />;
    case "reports":
      return <ReportsPanel details={details} />;
    case "thread":
      return panel.conversationId === details.id ? (
        <ThreadPanel
          key={panel.rootId}
          conversation={conversation}
          details={details}
          rootId={panel.rootId}
          pending={items.filter((item) => item.seq === null && item.threadRootId === panel.rootId)}
          onAct={onAct}
        />
      ) : null;
    default:
      return null;
  }
}
