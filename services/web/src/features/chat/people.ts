import type { ChatClient } from "@confab/sdk";
import { useChat } from "@confab/sdk/react";
import { useEffect, useState } from "react";

const known = new WeakMap<ChatClient, Map<string, Promise<string>>>();

/** Asked once for each person who is no longer a member. */
function askName(chat: ChatClient, userId: string): Promise<string> {
  let names = known.get(chat);
  if (!names) {
    names = new Map();
    known.set(chat, names);
  }
  let name = names.get(userId);
  if (!name) {
    name = chat.request("getUser", { params: { userId } }).then(
      (user) => user.displayName,
      () => "Someone",
    );
    names.set(userId, name);
  }
  return name;
}

/** The name of somebody who wrote here; `memberName` if they still are a member, else the server is asked. */
export function usePersonName(userId: string, memberName: string | undefined): string {
  const chat = useChat();
  const [asked, setAsked] = useState("");
  useEffect(() => {
    if (memberName !== undefined) return;
    let stale = false;
    void askName(chat, userId).then((name) => {
      if (!stale) setAsked(name);
    });
    return () => {
      stale = true;
    };
  }, [chat, userId, memberName]);
  return memberName ?? asked;
}
