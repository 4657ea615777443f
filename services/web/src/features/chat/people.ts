import type { ChatClient, Member } from "@confab/sdk";
import { useChat } from "@confab/sdk/react";
import { useEffect, useState } from "react";
import { memberName } from "../conversations/labels.ts";

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

/** Names of people who wrote here: members are at hand, of those who left the server is asked. */
export function useNames(userIds: readonly string[], members: readonly Member[]): (userId: string) => string {
  const chat = useChat();
  const [asked, setAsked] = useState<Record<string, string>>({});
  const missing = userIds.filter((id) => memberName(members, id) === undefined).join(" ");
  useEffect(() => {
    if (missing === "") return;
    let stale = false;
    for (const id of missing.split(" ")) {
      void askName(chat, id).then((name) => {
        if (!stale) setAsked((known) => ({ ...known, [id]: name }));
      });
    }
    return () => {
      stale = true;
    };
  }, [chat, missing]);
  return (id) => memberName(members, id) ?? asked[id] ?? "";
}
