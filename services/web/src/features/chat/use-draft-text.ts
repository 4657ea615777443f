import type { ConversationHandle } from "@confab/sdk";
import { useChatEvent, useReadable } from "@confab/sdk/react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useSession } from "../auth/session.ts";
import { loadDraft, placeOf, saveDraft } from "./drafts.ts";

/**
 * What is being written: the SDK keeps it on all of the person's devices, and until it has said so the browser does.
 * A state of its own, since a field that is typed in cannot wait for the next frame.
 */
export function useDraftText(conversation: ConversationHandle, threadRootId?: string) {
  const { userId } = useSession();
  const place = placeOf(conversation.id, threadRootId);
  const draft = useMemo(() => conversation.draft(threadRootId), [conversation, threadRootId]);
  const kept = useReadable(draft.text).body;
  const [text, setText] = useState(() => kept || loadDraft(localStorage, userId, place));
  const latest = useRef(text);

  // After a reload the server may know nothing of it.
  useEffect(() => {
    if (latest.current !== "" && draft.text.getSnapshot().body === "") draft.set({ body: latest.current });
  }, [draft]);
  // Another device has written: `kept` says when to look, and by then there may be a newer one.
  useEffect(() => {
    const { body } = draft.text.getSnapshot();
    if (body === latest.current) return;
    latest.current = body;
    setText(body);
    saveDraft(localStorage, userId, place, "");
  }, [draft, kept, userId, place]);
  useChatEvent("draft:updated", ({ draft: saved }) => {
    const isHere = placeOf(saved.conversationId, saved.threadRootId ?? undefined) === place;
    if (isHere && saved.body === latest.current) saveDraft(localStorage, userId, place, "");
  });

  const write = (next: string): void => {
    latest.current = next;
    setText(next);
    saveDraft(localStorage, userId, place, next);
    draft.set({ body: next });
  };
  return [text, write] as const;
}
