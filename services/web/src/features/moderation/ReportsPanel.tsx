import type { ReportState } from "@confab/contract";
import type { Conversation } from "@confab/sdk";
import { useChat, useChatEvent } from "@confab/sdk/react";
import { useCallback, useState } from "react";
import { SidePanel } from "../../components/SidePanel.tsx";
import { listTime } from "../../format/time.ts";
import { useUi } from "../../ui-store.ts";
import { useNames } from "../chat/people.ts";
import { useNow } from "../presence/use-now.ts";
import { useLoaded } from "../use-loaded.ts";
import { AuditLog } from "./AuditLog.tsx";
import { CATEGORY_LABELS, STATE_LABELS } from "./labels.ts";
import { ReportView } from "./ReportView.tsx";

type Tab = ReportState | "log";
const TABS: [Tab, string][] = [...(Object.entries(STATE_LABELS) as [Tab, string][]), ["log", "Log"]];

/** A group's queue for its moderators, and what they did. */
export function ReportsPanel({ details }: { details: Conversation }) {
  const setPanel = useUi((ui) => ui.setPanel);
  const [tab, setTab] = useState<Tab>("open");
  return (
    <SidePanel title="Reports" label="Reports" onClose={() => setPanel(null)}>
      <div className="details-scroll">
        <fieldset className="segments">
          <legend className="visually-hidden">Which reports</legend>
          {TABS.map(([value, label]) => (
            <button
              key={value}
              type="button"
              className="segment"
              aria-pressed={tab === value}
              onClick={() => setTab(value)}
            >
              {label}
            </button>
          ))}
        </fieldset>
        {tab === "log" ? <AuditLog details={details} /> : <Queue key={tab} details={details} state={tab} />}
      </div>
    </SidePanel>
  );
}

function Queue({ details, state }: { details: Conversation; state: ReportState }) {
  const chat = useChat();
  const now = useNow();
  const [openId, setOpenId] = useState<string | null>(null);
  const conversationId = details.id;
  const load = useCallback(
    () => chat.request("listReports", { params: { conversationId }, query: { state } }),
    [chat, conversationId, state],
  );
  const { value, failure, reload } = useLoaded(load);
  useChatEvent("report:created", (report) => {
    if (report.conversationId === conversationId) reload();
  });
  const items = value?.items ?? [];
  const nameOf = useNames(
    items.flatMap((report) => [report.subjectId, report.reporterId]),
    details.members,
  );
  return (
    <>
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <ul className="rows" aria-label="Reports">
        {items.map((report) => (
          <li key={report.id}>
            <button type="button" className="row row-button" onClick={() => setOpenId(report.id)}>
              <span className="row-text">
                <b>
                  {CATEGORY_LABELS[report.category]}: {nameOf(report.subjectId)}
                </b>
                <span>
                  By {nameOf(report.reporterId)}, {listTime(new Date(report.createdAt), now)}
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p className="list-note" role="status">
        {value && items.length === 0 ? "Nothing here." : ""}
      </p>
      {openId ? (
        <ReportView
          reportId={openId}
          details={details}
          onClose={() => setOpenId(null)}
          onHandled={() => {
            setOpenId(null);
            reload();
          }}
        />
      ) : null}
    </>
  );
}
