import type { ReportCategory } from "@confab/contract";
import { useChat } from "@confab/sdk/react";
import { type FormEvent, useState } from "react";
import { Dialog } from "../../components/Dialog.tsx";
import { useUi } from "../../ui-store.ts";
import { useTask } from "../use-task.ts";
import { CATEGORY_LABELS } from "./labels.ts";

const CATEGORIES = Object.entries(CATEGORY_LABELS) as [ReportCategory, string][];

export function ReportDialog({ messageId, onClose }: { messageId: string; onClose: () => void }) {
  const chat = useChat();
  const { busy, failure, run } = useTask();
  const [category, setCategory] = useState<ReportCategory>("spam");
  const [comment, setComment] = useState("");
  const send = (event: FormEvent): void => {
    event.preventDefault();
    const words = comment.trim();
    const body = { category, ...(words && { comment: words }) };
    run(
      () => chat.request("reportMessage", { params: { messageId }, body }),
      () => {
        onClose();
        useUi.getState().toast("Thank you. The moderators will look at it.");
      },
    );
  };
  return (
    <Dialog title="Report this message" onClose={onClose}>
      <form className="dialog-form" onSubmit={send}>
        <fieldset className="choice-list">
          <legend>What is wrong with it?</legend>
          {CATEGORIES.map(([value, label]) => (
            <label key={value} className="check">
              <input
                type="radio"
                name="category"
                value={value}
                checked={category === value}
                onChange={() => setCategory(value)}
              />
              {label}
            </label>
          ))}
        </fieldset>
        <label className="field">
          <span className="field-label">Anything to add</span>
          <textarea
            className="text-input"
            rows={3}
            maxLength={1000}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
          />
        </label>
        <p className="field-hint">
          Moderators see the message with what was said around it, and who reports it.
        </p>
        <p className="form-failure" role="alert">
          {failure}
        </p>
        <button type="submit" className="button button-primary" disabled={busy}>
          Report
        </button>
      </form>
    </Dialog>
  );
}
