import type { ConversationListItem } from "@confab/sdk";
import { useChat, usePresence } from "@confab/sdk/react";
import { memo } from "react";
import { Avatar } from "../../components/Avatar.tsx";
import { Icon } from "../../components/Icon.tsx";
import { badgeCount } from "../../format/names.ts";
import { fullTime, listTime } from "../../format/time.ts";
import { isAhead } from "../../format/until.ts";
import { conversationPath, followLink } from "../../router.ts";
import { useSession } from "../auth/session.ts";
import { useDraft } from "../chat/drafts.ts";
import { useNames } from "../chat/people.ts";
import { peopleIn } from "../chat/system-text.ts";
import { useNow } from "../presence/use-now.ts";
import { conversationName, memberName, peerOf, preview, typingText } from "./labels.ts";

interface ConversationRowProps {
  item: ConversationListItem;
  open: boolean;
}

/** One link, whose text is in the order of a sentence; the grid puts it in its places. */
export const ConversationRow = memo(function ConversationRow({ item, open }: ConversationRowProps) {
  const { userId } = useSession();
  const now = useNow();
  const draft = useDraft(userId, useChat().conversation(item.id));
  const name = conversationName(item, userId);
  const peer = peerOf(item, userId);
  const nameOf = useNames(
    item.lastMessage?.kind === "system" ? peopleIn(item.lastMessage) : [],
    item.members,
  );
  const typingNames = item.typingUserIds.map(
    (id) => memberName(item.members, id)?.split(" ")[0] ?? "Someone",
  );
  const typing = typingText(item.kind, typingNames);
  const showsDraft = !typing && draft !== "" && !open;
  const line = typing || preview(item, userId, nameOf);
  const at = item.lastMessageAt ? new Date(item.lastMessageAt) : null;
  const unread = badgeCount(item.unreadCount);
  const { personal } = item;
  const muted = isAhead(personal?.mutedUntil, now);
  const marked = item.unreadCount === 0 && personal?.unreadFromSeq != null;
  return (
    <li>
      <a
        className={`conversation-row ${item.unreadCount > 0 || marked ? "conversation-unread" : ""}`}
        href={conversationPath(item.id)}
        onClick={followLink}
        aria-current={open ? "page" : undefined}
      >
        {peer ? <PeerAvatar id={peer.id} name={name} /> : <Avatar id={item.id} name={name} group />}
        <span className="conversation-name">
          <span>{name}</span>
          {personal?.pinnedAt ? <Icon name="pin" size={14} /> : null}
          {muted ? <Icon name="mute" size={14} /> : null}
        </span>
        {personal?.pinnedAt ? <Spoken text=", pinned" /> : null}
        {muted ? <Spoken text=", muted" /> : null}
        {item.unreadCount > 0 ? (
          <>
            <span
              className="badge"
              data-count={item.mentionCount > 0 ? `@ ${unread}` : unread}
              aria-hidden="true"
            />
            <Spoken text={`, ${unread} unread`} />
          </>
        ) : null}
        {item.mentionCount > 0 ? <Spoken text=", you are mentioned" /> : null}
        {marked ? (
          <>
            <span className="badge badge-marked" aria-hidden="true" />
            <Spoken text=", marked unread" />
          </>
        ) : null}
        <Spoken text=": " />
        <span className={`conversation-preview ${typing ? "is-typing" : ""}`}>
          {showsDraft ? <b className="draft-mark">Draft: </b> : null}
          {showsDraft ? draft : line}
        </span>
        {at ? (
          <>
            <Spoken text=", " />
            <time className="conversation-time" dateTime={at.toISOString()} title={fullTime(at)}>
              {listTime(at, now)}
            </time>
          </>
        ) : null}
      </a>
    </li>
  );
});

/** Makes a sentence of the row for those who hear it. */
function Spoken({ text }: { text: string }) {
  return <span className="visually-hidden">{text}</span>;
}

function PeerAvatar({ id, name }: { id: string; name: string }) {
  const presence = usePresence(id);
  return <Avatar id={id} name={name} presence={presence?.status} />;
}
