import type { ConversationHandle, Member, TimelineMessage } from "@confab/sdk";
import { memo } from "react";
import { Avatar } from "../../components/Avatar.tsx";
import { IconButton } from "../../components/IconButton.tsx";
import { clockTime, dayLabel, fullTime, listTime } from "../../format/time.ts";
import { useSession } from "../auth/session.ts";
import { memberName, summarise } from "../conversations/labels.ts";
import { errorText } from "../error-text.ts";
import { useNow } from "../presence/use-now.ts";
import { MessageBody } from "./MessageBody.tsx";
import { MessageStatus, STATE_LABELS } from "./MessageStatus.tsx";
import { useNames } from "./people.ts";
import { Reactions } from "./Reactions.tsx";
import { peopleIn, systemText } from "./system-text.ts";
import type { RowShape } from "./timeline.ts";

interface MessageRowProps extends RowShape {
  message: TimelineMessage;
  conversation: ConversationHandle;
  kind: "direct" | "group";
  members: readonly Member[];
  /** It is the list's one Tab stop. */
  active: boolean;
  /** Somebody went into it, so its contents are in the Tab order. */
  entered: boolean;
  highlighted: boolean;
  menuOpen: boolean;
  onMenu: (key: string, anchor: HTMLElement) => void;
  /** Absent inside a thread. */
  onThread?: (conversationId: string, rootId: string) => void;
}

function DayAndDivider({ at, newDay, firstUnread }: { at: Date; newDay: boolean; firstUnread: boolean }) {
  const now = useNow();
  return (
    <>
      {newDay ? (
        <div className="day-separator">
          <time dateTime={at.toISOString()}>{dayLabel(at, now)}</time>
        </div>
      ) : null}
      {firstUnread ? <div className="unread-divider">New messages</div> : null}
    </>
  );
}

export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, newDay, firstUnread } = props;
  const at = new Date(message.createdAt);
  return (
    <>
      {newDay || firstUnread ? <DayAndDivider at={at} newDay={newDay} firstUnread={firstUnread} /> : null}
      {message.kind === "system" ? <SystemLine {...props} /> : <Bubble {...props} at={at} />}
    </>
  );
});

function SystemLine({ message, members, active }: MessageRowProps) {
  const { userId } = useSession();
  const nameOf = useNames(peopleIn(message), members);
  const text = systemText(message, (id) => (id === userId ? "You" : nameOf(id)));
  return (
    <article className="system-message" tabIndex={active ? 0 : -1} aria-label={text} data-key={message.key}>
      {text}
    </article>
  );
}

function Bubble(props: MessageRowProps & { at: Date }) {
  const { message, conversation, kind, members, at, active, startsGroup, endsGroup } = props;
  const sender = useNames([message.senderId], members)(message.senderId);
  const { mine, deletedAt } = message;
  const tabIndex = props.entered ? 0 : -1;
  const showsSender = kind === "group" && !mine;
  const edited = message.editedAt && !deletedAt ? ", edited" : "";
  const label = `${mine ? "You" : sender}, ${clockTime(at)}${edited}: ${summarise(message)}${
    mine && !deletedAt ? `. ${STATE_LABELS[message.state]}` : ""
  }`;
  const classes = [
    "message",
    mine ? "message-mine" : "message-theirs",
    startsGroup ? "starts-group" : "",
    endsGroup ? "ends-group" : "",
    showsSender ? "has-avatar" : "",
    props.highlighted ? "is-highlighted" : "",
    props.menuOpen ? "has-menu" : "",
  ];
  return (
    <article
      className={classes.join(" ")}
      tabIndex={active ? 0 : -1}
      aria-label={label}
      data-key={message.key}
    >
      {showsSender && endsGroup ? <Avatar id={message.senderId} name={sender || "?"} size="small" /> : null}
      <div className="bubble-column">
        {showsSender && startsGroup ? <span className="message-sender">{sender}</span> : null}
        <div className="bubble-line">
          <div className="bubble">
            {message.replyTo && !deletedAt ? (
              <blockquote className="message-quote">
                <b>{memberName(members, message.replyTo.senderId) ?? "Someone"}</b>
                <span>{summarise({ ...message.replyTo, deletedAt: null })}</span>
              </blockquote>
            ) : null}
            <MessageBody message={message} members={members} linkTabIndex={tabIndex} />
            <span className="message-meta">
              {message.pinnedAt && !deletedAt ? <span>Pinned</span> : null}
              {edited ? <span>(edited)</span> : null}
              <time dateTime={at.toISOString()} title={fullTime(at)}>
                {clockTime(at)}
              </time>
              {mine && !deletedAt ? <MessageStatus state={message.state} /> : null}
            </span>
          </div>
          {message.id && !deletedAt ? (
            <IconButton
              icon="more"
              label="More"
              className="message-more"
              tabIndex={tabIndex}
              aria-haspopup="menu"
              aria-expanded={props.menuOpen}
              onClick={(event) => props.onMenu(message.key, event.currentTarget)}
            />
          ) : null}
        </div>
        {message.state === "failed" ? <Failed message={message} conversation={conversation} /> : null}
        <Reactions conversation={conversation} message={message} tabIndex={tabIndex} />
        {message.thread && props.onThread ? (
          <ThreadLink
            message={message}
            thread={message.thread}
            tabIndex={tabIndex}
            onThread={props.onThread}
          />
        ) : null}
      </div>
    </article>
  );
}

interface ThreadLinkProps {
  message: TimelineMessage;
  thread: NonNullable<TimelineMessage["thread"]>;
  tabIndex: number;
  onThread: (conversationId: string, rootId: string) => void;
}

function ThreadLink({ message, thread, tabIndex, onThread }: ThreadLinkProps) {
  const now = useNow();
  const { id, conversationId } = message;
  const count = thread.replyCount;
  return (
    <button
      type="button"
      className="link-button thread-link"
      tabIndex={tabIndex}
      onClick={() => id && onThread(conversationId, id)}
    >
      {count === 1 ? "1 reply" : `${count} replies`}, {listTime(new Date(thread.lastReplyAt), now)}
    </button>
  );
}

function Failed({ message, conversation }: Pick<MessageRowProps, "message" | "conversation">) {
  return (
    <p className="message-failed">
      <span>Not sent. {message.error ? errorText(message.error) : null}</span>
      <button
        type="button"
        className="link-button"
        onClick={() => conversation.retry(message.clientMessageId)}
      >
        Retry
      </button>
      <button
        type="button"
        className="link-button"
        onClick={() => conversation.discard(message.clientMessageId)}
      >
        Discard
      </button>
    </p>
  );
}
