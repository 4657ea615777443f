import type { Conversation, ConversationHandle, Message } from "@confab/sdk";
import { useChatEvent } from "@confab/sdk/react";
import { useCallback } from "react";
import { IconButton } from "../../components/IconButton.tsx";
import { SidePanel } from "../../components/SidePanel.tsx";
import { listTime } from "../../format/time.ts";
import { useUi } from "../../ui-store.ts";
import { summarise } from "../conversations/labels.ts";
import { useNow } from "../presence/use-now.ts";
import { toastFailure } from "../toast-failure.ts";
import { useLoaded } from "../use-loaded.ts";
import { useNames } from "./people.ts";

interface PinsPanelProps {
  conversation: ConversationHandle;
  details: Conversation;
}

export function PinsPanel({ conversation, details }: PinsPanelProps) {
  const { setPanel, openThread, jumpTo } = useUi();
  const now = useNow();
  const load = useCallback(() => conversation.pins(), [conversation]);
  const { value, failure, reload } = useLoaded(load);
  useChatEvent("message:updated", (message) => {
    if (message.conversationId === details.id) reload();
  });
  useChatEvent("message:hidden", ({ conversationId }) => {
    if (conversationId === details.id) reload();
  });
  const nameOf = useNames(
    (value ?? []).map((message) => message.senderId),
    details.members,
  );
  const open = (message: Message): void => {
    if (message.threadRootId) {
      openThread(details.id, message.threadRootId);
      return;
    }
    jumpTo(details.id, message.seq);
    // On a narrow screen the panel lies over the conversation.
    if (matchMedia("(max-width: 1079px)").matches) setPanel(null);
  };
  return (
    <SidePanel title="Pinned messages" label="Pinned messages" onClose={() => setPanel(null)}>
      <div className="details-scroll">
        <p className="form-failure" role="alert">
          {failure}
        </p>
        <ul className="rows" aria-label="Pinned messages">
          {value?.map((message) => (
            <li key={message.id} className="row-pair">
              <button type="button" className="row row-button" onClick={() => open(message)}>
                <span className="row-text">
                  <b>
                    {nameOf(message.senderId)}, {listTime(new Date(message.createdAt), now)}
                  </b>
                  <span className="snippet" dir="auto">
                    {summarise(message)}
                  </span>
                </span>
              </button>
              <IconButton
                icon="close"
                label={`Unpin: ${summarise(message)}`}
                onClick={() => void conversation.unpin(message.id).then(reload, toastFailure)}
              />
            </li>
          ))}
        </ul>
        <p className="list-note" role="status">
          {value?.length === 0 ? "Nothing is pinned. The menu of a message pins it." : ""}
        </p>
      </div>
    </SidePanel>
  );
}
