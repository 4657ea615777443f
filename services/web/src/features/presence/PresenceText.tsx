import type { Presence } from "@confab/sdk";
import { lastSeen } from "../../format/time.ts";
import { statusText } from "../people/status-text.ts";
import { useNow } from "./use-now.ts";

/** "Online", "Away", "Last seen 5 min ago", "Offline"; nothing while it is unknown. */
export function PresenceText({ presence }: { presence: Presence | null }) {
  const now = useNow();
  if (!presence) return null;
  const { status, lastSeenAt, custom } = presence;
  const ownWords = statusText(custom, now);
  const state = {
    online: "Online",
    idle: "Away",
    offline: lastSeenAt ? lastSeen(new Date(lastSeenAt), now) : "Offline",
  };
  return (
    <span className={`presence-text presence-text-${status}`}>
      {state[status]}
      {ownWords ? ` · ${ownWords}` : ""}
    </span>
  );
}
