import type { TimelineMessage } from "@confab/sdk";
import { memo } from "react";
import { summarise } from "../conversations/labels.ts";
import { isEmojiOnly, linkify } from "./linkify.ts";

/** Text becomes React text and links, never HTML. */
const Text = memo(function Text({ body, linkTabIndex }: { body: string; linkTabIndex: number }) {
  if (isEmojiOnly(body)) return <span className="emoji-only">{body}</span>;
  return linkify(body).map((run, index) =>
    run.href ? (
      <a
        key={index}
        href={run.href}
        target="_blank"
        rel="noopener noreferrer nofollow"
        tabIndex={linkTabIndex}
      >
        {run.text}
      </a>
    ) : (
      run.text
    ),
  );
});

type Shown = Pick<TimelineMessage, "kind" | "body" | "deletedAt">;

/** `linkTabIndex`: links join the Tab order only in the message that somebody went into. */
export function MessageBody({ message, linkTabIndex }: { message: Shown; linkTabIndex: number }) {
  if (message.deletedAt) return <p className="message-text message-deleted">This message was deleted.</p>;
  if (message.kind === "code" && message.body) {
    return (
      <pre className="message-code">
        <code>{message.body}</code>
      </pre>
    );
  }
  const isText = message.kind === "text" && message.body;
  return (
    <p className="message-text" dir="auto">
      {isText ? (
        <Text body={message.body ?? ""} linkTabIndex={linkTabIndex} />
      ) : (
        <em>{summarise(message)}</em>
      )}
    </p>
  );
}
