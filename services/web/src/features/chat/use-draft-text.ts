import { useChat } from "@confab/sdk/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useSession } from "../auth/session.ts";
import { useServerDraft } from "../reading/own-state.ts";
import { isUnsynced, loadDraft, placeOf, saveDraft, setUnsynced } from "./drafts.ts";

/** A pause in the typing this long is worth telling the other devices. */
const PAUSE_MS = 1_200;

/**
 * What is being written: kept in the browser at once, and by the server for the person's other devices after a pause.
 * Words that the server has not seen yet are never replaced by what it holds.
 */
export function useDraftText(conversationId: string, threadRootId: string | null) {
  const chat = useChat();
  const { userId } = useSession();
  const place = placeOf(conversationId, threadRootId);
  const [text, setText] = useState(() => loadDraft(localStorage, userId, place));
  const latest = useRef(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const server = useServerDraft(conversationId, threadRootId);

  const tell = useCallback((): void => {
    timer.current = undefined;
    const body = latest.current.trim() === "" ? "" : latest.current;
    chat
      .request("setDraft", {
        params: { conversationId },
        body: { body, ...(threadRootId && { threadRootId }) },
      })
      .then(
        () => {
          if (timer.current === undefined) setUnsynced(localStorage, userId, place, false);
        },
        // The words are safe here, and told with the next change or visit.
        () => undefined,
      );
  }, [chat, conversationId, threadRootId, userId, place]);

  useEffect(() => {
    if (isUnsynced(localStorage, userId, place)) timer.current = setTimeout(tell, PAUSE_MS);
    return () => {
      if (timer.current === undefined) return;
      clearTimeout(timer.current);
      tell();
    };
  }, [tell, userId, place]);

  useEffect(() => {
    if (!server || isUnsynced(localStorage, userId, place) || server.body === latest.current) return;
    latest.current = server.body;
    setText(server.body);
    saveDraft(localStorage, userId, place, server.body);
  }, [server, userId, place]);

  const write = (next: string): void => {
    latest.current = next;
    setText(next);
    saveDraft(localStorage, userId, place, next);
    setUnsynced(localStorage, userId, place, true);
    clearTimeout(timer.current);
    timer.current = setTimeout(tell, PAUSE_MS);
  };
  return [text, write] as const;
}
