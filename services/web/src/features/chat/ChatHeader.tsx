import type { Conversation } from "@confab/sdk";
import { usePresence } from "@confab/sdk/react";
import { useState } from "react";
import { Avatar } from "../../components/Avatar.tsx";
import { IconButton } from "../../components/IconButton.tsx";
import { navigate } from "../../router.ts";
import { useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";
import { peerOf } from "../conversations/labels.ts";
import { BlockDialog } from "../people/BlockDialog.tsx";
import { PresenceText } from "../presence/PresenceText.tsx";
import { MuteDialog } from "../reading/MuteDialog.tsx";
import { ConversationMenu } from "./ConversationMenu.tsx";

export function ChatHeader({ details, name }: { details: Conversation | null; name: string }) {
  const { userId } = useSession();
  const { panel, setPanel } = useUi();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [dialog, setDialog] = useState<"mute" | "block" | null>(null);
  const detailsOpen = panel?.kind === "details";
  const peer = details ? peerOf(details, userId) : undefined;
  return (
    <header className="chat-header">
      <IconButton
        icon="back"
        label="Back to conversations"
        className="back-button"
        onClick={() => navigate("/")}
      />
      {peer ? (
        <PeerTitle id={peer.id} name={name} />
      ) : (
        <>
          {details ? <Avatar id={details.id} name={name} group /> : null}
          <div className="chat-title">
            <h1>{name}</h1>
            {details ? (
              <span className="presence-text">
                {details.memberCount} {details.memberCount === 1 ? "member" : "members"}
              </span>
            ) : null}
          </div>
        </>
      )}
      <IconButton
        icon="more"
        label="Conversation actions"
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        disabled={!details}
        onClick={(event) => setAnchor(anchor ? null : event.currentTarget)}
      />
      <IconButton
        icon="people"
        label="Conversation details"
        aria-expanded={detailsOpen}
        disabled={!details}
        onClick={() => setPanel(detailsOpen ? null : { kind: "details" })}
      />
      {details && anchor ? (
        <ConversationMenu
          details={details}
          anchor={anchor}
          onClose={() => setAnchor(null)}
          onMute={() => setDialog("mute")}
          onBlock={() => setDialog("block")}
        />
      ) : null}
      {details && dialog === "mute" ? (
        <MuteDialog conversationId={details.id} onClose={() => setDialog(null)} />
      ) : null}
      {peer && dialog === "block" ? <BlockDialog user={peer} onClose={() => setDialog(null)} /> : null}
    </header>
  );
}

function PeerTitle({ id, name }: { id: string; name: string }) {
  const presence = usePresence(id);
  return (
    <>
      <Avatar id={id} name={name} presence={presence?.status} />
      <div className="chat-title">
        <h1>{name}</h1>
        <PresenceText presence={presence} />
      </div>
    </>
  );
}
