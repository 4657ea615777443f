import type { Conversation, ConversationHandle, TimelineMessage } from "@confab/sdk";
import { Icon } from "../../components/Icon.tsx";
import { Menu, MenuItem } from "../../components/Menu.tsx";
import { useSession } from "../auth/session.ts";
import { isModerator, roleOf } from "../groups/rights.ts";
import { toastFailure as report } from "../toast-failure.ts";

const QUICK_EMOJI = ["👍", "❤️", "😂", "😮", "😢", "🎉"];

/** What is done with a message elsewhere: in the composer, a dialog or the panel beside. */
export interface MessageAct {
  kind: "reply" | "edit" | "delete" | "thread" | "report" | "readers" | "edits" | "unread";
  message: TimelineMessage;
}

interface MessageMenuProps {
  message: TimelineMessage;
  conversation: ConversationHandle;
  details: Conversation | null;
  anchor: HTMLElement;
  onClose: () => void;
  onAct: (act: MessageAct) => void;
  inThread?: boolean;
}

export function MessageMenu({
  message,
  conversation,
  details,
  anchor,
  onClose,
  onAct,
  inThread = false,
}: MessageMenuProps) {
  const { userId } = useSession();
  const { id } = message;
  if (!id) return null;
  const then = (work: () => void) => () => {
    onClose();
    work();
  };
  const act = (kind: MessageAct["kind"]) => then(() => onAct({ kind, message }));
  const copy = (): void => void navigator.clipboard?.writeText(message.body ?? "").catch(report);
  const mineOf = (emoji: string): boolean =>
    message.reactions.some((each) => each.emoji === emoji && each.mine);
  const togglePin = (): void =>
    void (message.pinnedAt ? conversation.unpin(id) : conversation.pin(id)).catch(report);
  return (
    <Menu label="Message actions" anchor={anchor} onClose={onClose}>
      <div className="menu-emoji">
        {QUICK_EMOJI.map((emoji) => (
          <MenuItem
            key={emoji}
            label={`React with ${emoji}`}
            onSelect={then(
              () =>
                void (mineOf(emoji) ? conversation.unreact(id, emoji) : conversation.react(id, emoji)).catch(
                  report,
                ),
            )}
          >
            {emoji}
          </MenuItem>
        ))}
      </div>
      <hr />
      {inThread ? null : (
        <>
          <MenuItem onSelect={act("reply")}>
            <Icon name="reply" /> Reply
          </MenuItem>
          <MenuItem onSelect={act("thread")}>
            <Icon name="thread" /> Reply in thread
          </MenuItem>
        </>
      )}
      {message.body ? (
        <MenuItem onSelect={then(copy)}>
          <Icon name="copy" /> Copy text
        </MenuItem>
      ) : null}
      <MenuItem onSelect={then(togglePin)}>
        <Icon name="pin" /> {message.pinnedAt ? "Unpin" : "Pin"}
      </MenuItem>
      {inThread ? null : (
        <>
          <MenuItem onSelect={act("readers")}>
            <Icon name="eye" /> Seen by
          </MenuItem>
          <MenuItem onSelect={act("unread")}>
            <Icon name="dot" /> Mark unread from here
          </MenuItem>
        </>
      )}
      {message.mine && message.kind === "text" ? (
        <MenuItem onSelect={act("edit")}>
          <Icon name="edit" /> Edit
        </MenuItem>
      ) : null}
      {message.editedAt && isModerator(roleOf(details, userId)) ? (
        <MenuItem onSelect={act("edits")}>
          <Icon name="history" /> Edit history
        </MenuItem>
      ) : null}
      {message.mine ? null : (
        <MenuItem onSelect={act("report")}>
          <Icon name="flag" /> Report…
        </MenuItem>
      )}
      <MenuItem danger onSelect={act("delete")}>
        <Icon name="trash" /> Delete
      </MenuItem>
    </Menu>
  );
}
