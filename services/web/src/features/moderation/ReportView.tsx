import type { ReportState } from "@confab/contract";
import type { Conversation } from "@confab/sdk";
import { useChat } from "@confab/sdk/react";
import { useCallback, useState } from "react";
import { Dialog } from "../../components/Dialog.tsx";
import { Field } from "../../components/Field.tsx";
import { clockTime } from "../../format/time.ts";
import { useNames } from "../chat/people.ts";
import { summarise } from "../conversations/labels.ts";
import { useLoaded } from "../use-loaded.ts";
import { useTask } from "../use-task.ts";
import { CATEGORY_LABELS, STATE_LABELS } from "./labels.ts";

interface ReportViewProps {
  reportId: string;
  details: Conversation;
  onClose: () => void;
  onHandled: () => void;
}

/** One report with what was frozen around the message. */
export function ReportView({ reportId, details, onClose, onHandled }: ReportViewProps) {
  const chat = useChat();
  const load = useCallback(() => chat.request("getReport", { params: { reportId } }), [chat, reportId]);
  const { value: report, failure: missing } = useLoaded(load);
  const { busy, failure, run } = useTask();
  const [note, setNote] = useState("");
  const nameOf = useNames(
    report ? [report.reporterId, report.subjectId, ...report.evidence.map((each) => each.senderId)] : [],
    details.members,
  );
  const close = (state: Exclude<ReportState, "open">): void => {
    const body = { state, ...(note.trim() && { note: note.trim() }) };
    run(() => chat.request("handleReport", { params: { reportId }, body }), onHandled);
  };
  return (
    <Dialog title="Report" onClose={onClose}>
      {report ? (
        <>
          <p>
            <b>{CATEGORY_LABELS[report.category]}</b>, reported by {nameOf(report.reporterId)}
            {report.comment ? `: “${report.comment}”` : ""}
          </p>
          <ul className="evidence" aria-label="Evidence">
            {report.evidence.map((message) => (
              <li key={message.id} className={message.id === report.messageId ? "is-reported" : ""}>
                <b>
                  {nameOf(message.senderId)}, {clockTime(new Date(message.createdAt))}
                  {message.id === report.messageId ? " (reported)" : ""}
                </b>
                <span dir="auto">{summarise(message)}</span>
              </li>
            ))}
          </ul>
          {report.state === "open" ? (
            <Field
              label="Note"
              maxLength={1000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
          ) : (
            <p>
              {STATE_LABELS[report.state]}
              {report.note ? `: ${report.note}` : ""}
            </p>
          )}
        </>
      ) : null}
      <p className="form-failure" role="alert">
        {missing || failure}
      </p>
      {report?.state === "open" ? (
        <div className="dialog-actions">
          <button type="button" className="button" disabled={busy} onClick={() => close("dismissed")}>
            Dismiss
          </button>
          <button
            type="button"
            className="button button-primary"
            disabled={busy}
            onClick={() => close("resolved")}
          >
            Resolve
          </button>
        </div>
      ) : null}
    </Dialog>
  );
}
