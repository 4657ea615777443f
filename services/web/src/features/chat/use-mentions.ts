import type { Member, User } from "@confab/sdk";
import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useRef, useState } from "react";
import { useSession } from "../auth/session.ts";
import { optionId } from "./MentionList.tsx";
import { insertMention, mentionAt, offered } from "./mentions.ts";

interface MentionsInput {
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  members: readonly Member[];
  write: (text: string) => void;
}

/** `@` opens the list, arrow keys walk it, Enter and Tab choose, Esc closes it until another `@`. */
export function useMentions({ field, text, members, write }: MentionsInput) {
  const { userId } = useSession();
  const listId = useId();
  const [caret, setCaret] = useState(0);
  const [active, setActive] = useState(0);
  const [closedAt, setClosedAt] = useState<number | null>(null);
  const nextCaret = useRef<number | null>(null);
  const query = mentionAt(text, caret);
  const users = query && query.start !== closedAt ? offered(members, query.query, userId) : [];
  const open = users.length > 0;
  const at = Math.min(active, users.length - 1);

  // The new text must be in the field before the caret can stand in it.
  useLayoutEffect(() => {
    if (nextCaret.current === null) return;
    field.current?.setSelectionRange(nextCaret.current, nextCaret.current);
    nextCaret.current = null;
  });

  const choose = (user: User): void => {
    if (!query) return;
    const next = insertMention(text, query, user.displayName);
    nextCaret.current = next.caret;
    setCaret(next.caret);
    setClosedAt(query.start);
    write(next.text);
  };
  const onCaret = (): void => {
    const position = field.current?.selectionStart ?? 0;
    if (position === caret) return;
    setCaret(position);
    setActive(0);
    if (!mentionAt(field.current?.value ?? "", position)) setClosedAt(null);
  };
  /** True if the key was the list's. */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (!open || !query) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const user = users[at];
    if (step) setActive((at + step + users.length) % users.length);
    else if (user && ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab")) choose(user);
    else if (event.key === "Escape") setClosedAt(query.start);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  return {
    listId,
    users,
    open,
    active: at,
    choose,
    onCaret,
    onKeyDown,
    fieldProps: {
      "aria-autocomplete": "list" as const,
      "aria-haspopup": "listbox" as const,
      ...(open && { "aria-controls": listId, "aria-activedescendant": optionId(listId, at) }),
    },
  };
}
