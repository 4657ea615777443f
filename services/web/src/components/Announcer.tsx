import { useUi } from "../ui-store.ts";

/** Words that go away by themselves; the announcer says them. */
export function Toast() {
  const text = useUi((ui) => ui.toastText);
  return text ? (
    <div className="toast" aria-hidden="true">
      {text}
    </div>
  ) : null;
}

/** The page's one live region. The message list itself is not live: a virtual list would read history anew. */
export function Announcer() {
  const { text, count } = useUi((ui) => ui.announcement);
  return (
    <div className="visually-hidden" role="status" aria-label="Announcements">
      {/* A fresh element each time, so that the same words are said again. */}
      <span key={count}>{text}</span>
    </div>
  );
}
