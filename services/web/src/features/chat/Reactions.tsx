import type { ConversationHandle, TimelineMessage } from "@confab/sdk";
import { useUi } from "../../ui-store.ts";
import { errorText } from "../error-text.ts";

interface ReactionsProps {
  conversation: ConversationHandle;
  message: Pick<TimelineMessage, "id" | "reactions">;
  tabIndex: number;
}

/** A press takes part, another takes it back. */
export function Reactions({ conversation, message, tabIndex }: ReactionsProps) {
  const { id, reactions } = message;
  if (!id || reactions.length === 0) return null;
  const toggle = (emoji: string, mine: boolean): void => {
    void (mine ? conversation.unreact(id, emoji) : conversation.react(id, emoji)).catch((error: unknown) =>
      useUi.getState().toast(errorText(error)),
    );
  };
  return (
    <ul className="reactions" aria-label="Reactions">
      {reactions.map(({ emoji, count, mine }) => (
        <li key={emoji}>
          <button
            type="button"
            className="reaction"
            aria-pressed={mine}
            aria-label={`${emoji} ${count}`}
            tabIndex={tabIndex}
            onClick={() => toggle(emoji, mine)}
          >
            <span aria-hidden="true">{emoji}</span> {count}
          </button>
        </li>
      ))}
    </ul>
  );
}
