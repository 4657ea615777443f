import type { Conversation } from "@confab/sdk";
import { usePresence } from "@confab/sdk/react";
import { Avatar } from "../../components/Avatar.tsx";
import { IconButton } from "../../components/IconButton.tsx";
import { navigate } from "../../router.ts";
import { useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";
import { peerOf } from "../conversations/labels.ts";
import { PresenceText } from "../presence/PresenceText.tsx";

export function ChatHeader({ details, name }: { details: Conversation | null; name: string }) {
  const { userId } = useSession();
  const { detailsOpen, setDetailsOpen } = useUi();
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
        icon="people"
        label="Conversation details"
        aria-expanded={detailsOpen}
        disabled={!details}
        onClick={() => setDetailsOpen(!detailsOpen)}
      />
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
