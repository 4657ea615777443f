import { type ConversationHandle, LIMITS, type Member, type TimelineMessage } from "@confab/sdk";
import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useState } from "react";
import { IconButton } from "../../components/IconButton.tsx";
import { useUi } from "../../ui-store.ts";
import { memberName, summarise } from "../conversations/labels.ts";
import { errorText } from "../error-text.ts";
import { MentionList } from "./MentionList.tsx";
import { mentionedIds } from "./mentions.ts";
import { useDraftText } from "./use-draft-text.ts";
import { useMentions } from "./use-mentions.ts";

/** What the next Enter does besides sending: change a message, or answer one. */
export type ComposerIntent = { kind: "reply" | "edit"; message: TimelineMessage } | null;

interface ComposerProps {
  ref: RefObject<HTMLTextAreaElement | null>;
  conversation: ConversationHandle;
  intent: ComposerIntent;
  onIntent: (intent: ComposerIntent) => void;
  /** ArrowUp in an empty composer edits it. */
  lastOwn: TimelineMessage | undefined;
  members: readonly Member[];
  /** What is written goes into this thread. */
  threadRootId?: string;
  /** Why nothing can be written here. */
  closed: string | null;
  /** Slow mode, where it slows down. */
  pauseSeconds?: number;
}

const utf8 = new TextEncoder();
const isTooLong = (text: string): boolean =>
  text.length * 3 > LIMITS.bodyBytes && utf8.encode(text).length > LIMITS.bodyBytes;
/** A soft keyboard should not jump up because somebody looked into a conversation. */
const hasKeyboard = (): boolean => matchMedia("(pointer: fine)").matches;

export function Composer(props: ComposerProps) {
  const { ref, conversation, intent, onIntent, lastOwn, members, threadRootId, closed } = props;
  const [draft, setDraft] = useDraftText(conversation, threadRootId);
  const [edited, setEdited] = useState("");
  const editing = intent?.kind === "edit" ? intent.message : null;
  const text = editing ? edited : draft;
  const tooLong = isTooLong(text);

  useEffect(() => {
    if (editing) setEdited(editing.body ?? "");
  }, [editing]);
  useEffect(() => {
    if (hasKeyboard()) ref.current?.focus({ preventScroll: true });
  }, [ref]);
  useEffect(() => () => conversation.typing.stop(), [conversation]);

  useLayoutEffect(() => {
    const area = ref.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [ref, text]);

  const write = (next: string): void => {
    if (editing) {
      setEdited(next);
      return;
    }
    setDraft(next);
    if (threadRootId) return;
    if (next.trim() === "") conversation.typing.stop();
    else conversation.typing.keystroke();
  };

  const mentions = useMentions({ field: ref, text, members, write });

  const submit = (): void => {
    const body = text.trim();
    ref.current?.focus();
    if (body === "" || tooLong) return;
    if (editing?.id) {
      if (body !== editing.body) {
        conversation
          .edit(editing.id, body)
          .catch((error: unknown) => useUi.getState().toast(errorText(error)));
      }
      onIntent(null);
      return;
    }
    const replyToId = intent?.kind === "reply" ? intent.message.id : null;
    // A refusal shows on the message itself.
    conversation
      .send({
        body,
        mentions: mentionedIds(body, members),
        ...(replyToId && { replyToId }),
        ...(threadRootId && { threadRootId }),
      })
      .delivered.catch(() => undefined);
    write("");
    onIntent(null);
  };

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    // Enter that ends an input method's composition chooses a word; Safari says so by key code 229 alone.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (mentions.onKeyDown(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && intent) {
      event.stopPropagation();
      onIntent(null);
    } else if (event.key === "ArrowUp" && text === "" && !intent && lastOwn) {
      event.preventDefault();
      onIntent({ kind: "edit", message: lastOwn });
    }
  };

  if (closed) return <p className="composer composer-closed">{closed}</p>;
  return (
    <form
      className="composer"
      aria-label={threadRootId ? "Reply in thread" : "Write a message"}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {intent ? (
        <div className="composer-intent">
          <p>
            <b>
              {editing
                ? "Editing your message"
                : `Replying to ${memberName(members, intent.message.senderId) ?? "a message"}`}
            </b>
            <span>{summarise(intent.message)}</span>
          </p>
          <IconButton
            icon="close"
            label={editing ? "Stop editing" : "Do not reply"}
            onClick={() => onIntent(null)}
          />
        </div>
      ) : null}
      {props.pauseSeconds ? (
        <p className="composer-hint">Slow mode: one message every {props.pauseSeconds} s.</p>
      ) : null}
      {tooLong ? (
        <p className="composer-note" role="alert">
          This message is too long to send. Split it in two.
        </p>
      ) : null}
      {mentions.open ? (
        <MentionList
          id={mentions.listId}
          users={mentions.users}
          active={mentions.active}
          onChoose={mentions.choose}
        />
      ) : null}
      <div className="composer-line">
        <textarea
          ref={ref}
          rows={1}
          aria-label={threadRootId ? "Reply" : "Message"}
          {...mentions.fieldProps}
          placeholder={threadRootId ? "Reply in thread" : "Write a message"}
          enterKeyHint="send"
          dir="auto"
          value={text}
          onChange={(event) => {
            write(event.target.value);
            mentions.onCaret();
          }}
          onKeyDown={onKeyDown}
          onSelect={mentions.onCaret}
        />
        <IconButton
          type="submit"
          icon={editing ? "check" : "send"}
          label={editing ? "Save" : "Send"}
          className="send-button"
          disabled={text.trim() === "" || tooLong}
          onPointerDown={(event) => event.preventDefault()}
        />
      </div>
    </form>
  );
}
