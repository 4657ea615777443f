import type { ConversationHandle, TimelineMessage } from "@confab/sdk";
import { Icon } from "../../components/Icon.tsx";
import { Menu, MenuItem } from "../../components/Menu.tsx";
import { useUi } from "../../ui-store.ts";
import { errorText } from "../error-text.ts";

const QUICK_EMOJI = ["👍", "❤️", "😂", "😮", "😢", "🎉"];

interface MessageMenuProps {
  message: TimelineMessage;
  conversation: ConversationHandle;
  anchor: HTMLElement;
  onClose: () => void;
  onReply: () => void;
  onEdit: () => void;
  onDelete: () => void;
}

const report = (error: unknown): void => useUi.getState().toast(errorText(error));

export function MessageMenu({ message, conversation, anchor, onClose, ...on }: MessageMenuProps) {
  const { id } = message;
  if (!id) return null;
  const then = (work: () => void) => () => {
    onClose();
    work();
  };
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
      <MenuItem onSelect={then(on.onReply)}>
        <Icon name="reply" /> Reply
      </MenuItem>
      {message.body ? (
        <MenuItem onSelect={then(copy)}>
          <Icon name="copy" /> Copy text
        </MenuItem>
      ) : null}
      <MenuItem onSelect={then(togglePin)}>
        <Icon name="pin" /> {message.pinnedAt ? "Unpin" : "Pin"}
      </MenuItem>
      {message.mine && message.kind === "text" ? (
        <MenuItem onSelect={then(on.onEdit)}>
          <Icon name="edit" /> Edit
        </MenuItem>
      ) : null}
      <MenuItem danger onSelect={then(on.onDelete)}>
        <Icon name="trash" /> Delete
      </MenuItem>
    </Menu>
  );
}
