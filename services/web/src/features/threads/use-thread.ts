import type { ThreadState } from "@confab/contract";
import type { Message } from "@confab/sdk";
import { useChat, useChatEvent } from "@confab/sdk/react";
import { useCallback, useEffect, useState } from "react";
import { errorText } from "../error-text.ts";
import { toastFailure } from "../toast-failure.ts";
import { putMessage } from "./replies.ts";

interface Loaded {
  root: Message;
  state: ThreadState;
  /** Oldest first, without holes up to the newest. */
  items: Message[];
  hasOlder: boolean;
}

/** A thread while it is on screen: its newest page, older ones on request, and what happens in it. */
export function useThread(rootId: string) {
  const chat = useChat();
  const [thread, setThread] = useState<Loaded | null>(null);
  const [failure, setFailure] = useState("");

  const load = useCallback(() => {
    chat.request("getThread", { params: { messageId: rootId } }).then(
      (page) => {
        setThread(page);
        setFailure("");
      },
      (error: unknown) => setFailure(errorText(error)),
    );
  }, [chat, rootId]);
  useEffect(load, [load]);
  // What was missed meanwhile comes with a fresh page.
  useEffect(() => {
    let online = chat.connection.getSnapshot().state === "online";
    return chat.connection.subscribe(() => {
      const was = online;
      online = chat.connection.getSnapshot().state === "online";
      if (online && !was) load();
    });
  }, [chat, load]);

  const onMessage = (message: Message): void =>
    setThread((held) => {
      if (!held) return held;
      if (message.id === rootId) return { ...held, root: message };
      return message.threadRootId === rootId ? { ...held, items: putMessage(held.items, message) } : held;
    });
  useChatEvent("message:created", onMessage);
  useChatEvent("message:updated", onMessage);
  const onState = useCallback(
    (state: ThreadState): void => setThread((held) => (held ? { ...held, state } : held)),
    [],
  );
  useChatEvent("thread:updated", ({ state }) => {
    if (state.rootId === rootId) onState(state);
  });

  const loadOlder = (): void => {
    const before = thread?.items[0]?.seq;
    if (before === undefined) return;
    chat
      .request("getThread", { params: { messageId: rootId }, query: { before } })
      .then(
        (page) =>
          setThread(
            (held) => held && { ...held, items: [...page.items, ...held.items], hasOlder: page.hasOlder },
          ),
        toastFailure,
      );
  };
  const follow = (following: boolean): void => {
    const route = following ? "followThread" : "unfollowThread";
    chat.request(route, { params: { messageId: rootId } }).then(onState, toastFailure);
  };
  const markRead = useCallback(
    (seq: number): void => {
      // Told again with the next reply.
      chat
        .request("readThread", { params: { messageId: rootId }, body: { seq } })
        .then(onState, () => undefined);
    },
    [chat, rootId, onState],
  );
  return { thread, failure, loadOlder, follow, markRead };
}
