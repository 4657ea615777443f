import type { CustomStatus } from "@confab/sdk";
import { LIMITS } from "@confab/sdk";
import { useChat, useMe } from "@confab/sdk/react";
import { type FormEvent, useState } from "react";
import { Choices } from "../../components/Choices.tsx";
import { Dialog } from "../../components/Dialog.tsx";
import { Field } from "../../components/Field.tsx";
import { isAhead, untilText } from "../../format/until.ts";
import { useUi } from "../../ui-store.ts";
import { useNow } from "../presence/use-now.ts";
import { useTask } from "../use-task.ts";
import { EXPIRY_CHOICES, type Expiry, endTime, expiryTime } from "./expiry.ts";

const EMOJI = ["💬", "📅", "🎧", "🍽️", "🚆", "🏠", "🤒", "🌴"];

export function StatusDialog() {
  const me = useMe();
  return me ? <StatusForm status={me.status} /> : null;
}

function StatusForm({ status }: { status: CustomStatus | null }) {
  const chat = useChat();
  const setOverlay = useUi((ui) => ui.setOverlay);
  const { busy, failure, run } = useTask();
  const [emoji, setEmoji] = useState(status?.emoji ?? "");
  const [text, setText] = useState(status?.text ?? "");
  const [expiry, setExpiry] = useState<Expiry>("today");
  const close = (): void => setOverlay(null);

  const save = (event: FormEvent): void => {
    event.preventDefault();
    const words = text.trim();
    const said = emoji || words ? expiryTime(expiry) : null;
    run(() => chat.setStatus({ emoji: emoji || null, text: words || null, expiresAt: said }), close);
  };

  return (
    <Dialog title="Your status" onClose={close}>
      <form className="dialog-form" onSubmit={save}>
        <fieldset className="emoji-choice">
          <legend>Emoji</legend>
          {EMOJI.map((each) => (
            <button
              key={each}
              type="button"
              className="segment"
              aria-label={`Emoji ${each}`}
              aria-pressed={each === emoji}
              onClick={() => setEmoji(each === emoji ? "" : each)}
            >
              {each}
            </button>
          ))}
        </fieldset>
        <Field
          label="What you say"
          placeholder="For example: In a meeting"
          maxLength={LIMITS.statusTextLength}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Choices label="Clear it" choices={EXPIRY_CHOICES} value={expiry} onChange={setExpiry} />
        <p className="form-failure" role="alert">
          {failure}
        </p>
        <div className="dialog-actions">
          <button
            type="button"
            className="button"
            disabled={busy}
            onClick={() => run(() => chat.setStatus({ emoji: null, text: null, expiresAt: null }), close)}
          >
            Clear status
          </button>
          <button type="submit" className="button button-primary" disabled={busy}>
            Save
          </button>
        </div>
      </form>
      <hr />
      <DoNotDisturb until={status?.dndUntil ?? null} />
    </Dialog>
  );
}

function DoNotDisturb({ until }: { until: string | null }) {
  const chat = useChat();
  const now = useNow();
  const { busy, failure, run } = useTask();
  const [expiry, setExpiry] = useState<Expiry>("1h");
  const on = isAhead(until, now);
  return (
    <section className="dialog-form" aria-label="Do not disturb">
      <h3>Do not disturb</h3>
      {on && until ? (
        <p>Nothing is notified until {untilText(new Date(until), now)}.</p>
      ) : (
        <Choices label="End it" choices={EXPIRY_CHOICES} value={expiry} onChange={setExpiry} />
      )}
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <button
        type="button"
        className="button"
        disabled={busy}
        onClick={() => run(() => chat.setStatus({ dndUntil: on ? null : endTime(expiry) }))}
      >
        {on ? "Turn off" : "Do not disturb me"}
      </button>
    </section>
  );
}
