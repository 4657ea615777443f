import type { Conversation } from "@confab/sdk";
import { useTyping } from "@confab/sdk/react";
import { memberName, typingText } from "../conversations/labels.ts";

/** Always as high as one line, so that nothing moves; seen and not announced, since it would never be silent. */
export function TypingLine({
  conversationId,
  details,
}: {
  conversationId: string;
  details: Conversation | null;
}) {
  const userIds = useTyping(conversationId);
  const names = userIds.map((id) => memberName(details?.members ?? [], id)?.split(" ")[0] ?? "Someone");
  return (
    <p className="typing-line" data-testid="typing">
      {names.length > 0 ? (
        <>
          <span className="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {typingText("group", names)}
        </>
      ) : null}
    </p>
  );
}
