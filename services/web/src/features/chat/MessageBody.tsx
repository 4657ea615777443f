import type { Member, TimelineMessage } from "@confab/sdk";
import { memo } from "react";
import { memberName, summarise } from "../conversations/labels.ts";
import { isEmojiOnly, linkify } from "./linkify.ts";
import { splitMentions } from "./mentions.ts";

interface TextProps {
  body: string;
  /** Names that stand out, one to a line. */
  mentioned: string;
  linkTabIndex: number;
}

/** Text becomes React text and links, never HTML. */
const Text = memo(function Text({ body, mentioned, linkTabIndex }: TextProps) {
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
      splitMentions(run.text, mentioned ? mentioned.split("\n") : []).map((part, at) =>
        part.mention ? (
          <b key={`${index} ${at}`} className="mention">
            {part.text}
          </b>
        ) : (
          part.text
        ),
      )
    ),
  );
});

type Shown = Pick<TimelineMessage, "kind" | "body" | "deletedAt" | "mentions">;
interface MessageBodyProps {
  message: Shown;
  members: readonly Member[];
  linkTabIndex: number;
}

/** `linkTabIndex`: links join the Tab order only in the message that somebody went into. */
export function MessageBody({ message, members, linkTabIndex }: MessageBodyProps) {
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
        <Text
          body={message.body ?? ""}
          mentioned={message.mentions.flatMap((id) => memberName(members, id) ?? []).join("\n")}
          linkTabIndex={linkTabIndex}
        />
      ) : (
        <em>{summarise(message)}</em>
      )}
    </p>
  );
}
