import type { MessageState } from "@confab/sdk";
import { Icon, type IconName } from "../../components/Icon.tsx";

/** The words are part of the interface: tests and screen readers find a message's state by them. */
export const STATE_LABELS: Record<MessageState, string> = {
  queued: "Waiting for connection",
  sending: "Sending",
  sent: "Sent",
  delivered: "Delivered",
  read: "Read",
  failed: "Not sent",
};
const STATE_ICONS: Record<MessageState, IconName> = {
  queued: "clock",
  sending: "clock",
  sent: "check",
  delivered: "checks",
  read: "checks",
  failed: "warning",
};

export function MessageStatus({ state }: { state: MessageState }) {
  return (
    <span
      className={`message-status message-status-${state}`}
      role="img"
      aria-label={STATE_LABELS[state]}
      title={STATE_LABELS[state]}
    >
      <Icon name={STATE_ICONS[state]} size={16} />
    </span>
  );
}
