import type { Conversation } from "@confab/sdk";
import { useChat } from "@confab/sdk/react";
import { useCallback } from "react";
import { listTime } from "../../format/time.ts";
import { useNames } from "../chat/people.ts";
import { useNow } from "../presence/use-now.ts";
import { useLoaded } from "../use-loaded.ts";
import { ACTION_LABELS } from "./labels.ts";

export function AuditLog({ details }: { details: Conversation }) {
  const chat = useChat();
  const now = useNow();
  const conversationId = details.id;
  const load = useCallback(
    () => chat.request("listAudit", { params: { conversationId }, query: { limit: 100 } }),
    [chat, conversationId],
  );
  const { value, failure } = useLoaded(load);
  const items = value?.items ?? [];
  const nameOf = useNames(
    items.flatMap((entry) => [entry.actorId, ...(entry.subjectId ? [entry.subjectId] : [])]),
    details.members,
  );
  return (
    <>
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <ul className="rows" aria-label="What moderators did">
        {items.map((entry) => (
          <li key={entry.id} className="row">
            <span className="row-text">
              <b>
                {nameOf(entry.actorId)} {ACTION_LABELS[entry.action]}
                {entry.subjectId ? ` ${nameOf(entry.subjectId)}` : ""}
              </b>
              <span>{listTime(new Date(entry.createdAt), now)}</span>
            </span>
          </li>
        ))}
      </ul>
      <p className="list-note" role="status">
        {value && items.length === 0 ? "Nothing here." : ""}
      </p>
    </>
  );
}
