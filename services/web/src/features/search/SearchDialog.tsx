import type { SearchHit } from "@confab/contract";
import { LIMITS } from "@confab/sdk";
import { useChat, useConversations } from "@confab/sdk/react";
import { type FormEvent, useState } from "react";
import { Dialog } from "../../components/Dialog.tsx";
import { conversationPath, navigate, useRoute } from "../../router.ts";
import { useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";
import { conversationName } from "../conversations/labels.ts";
import { useTask } from "../use-task.ts";
import { SearchResult } from "./SearchResult.tsx";

interface Found {
  query: string;
  conversationId: string | null;
  items: SearchHit[];
  nextCursor: string | null;
}

const foundText = ({ items, query, nextCursor }: Found): string => {
  if (items.length === 0) return `Nothing found for “${query}”.`;
  return `${items.length}${nextCursor ? " or more" : ""} found.`;
};

/** Words in the open conversation or in all; a result leads to its message. */
export function SearchDialog() {
  const chat = useChat();
  const { userId } = useSession();
  const { conversationId } = useRoute();
  const { items: conversations } = useConversations();
  const { setOverlay, setPanel, jumpTo } = useUi();
  const { busy, failure, run } = useTask();
  const [query, setQuery] = useState("");
  const [here, setHere] = useState(conversationId !== null);
  const [found, setFound] = useState<Found | null>(null);
  const nameOf = (id: string): string => {
    const place = conversations.find((item) => item.id === id);
    return place ? conversationName(place, userId) : "A conversation";
  };

  const ask = async (wanted: string, scope: string | null, cursor: string | null): Promise<void> => {
    const page = await chat.search(wanted, {
      ...(scope && { conversationId: scope }),
      ...(cursor && { cursor }),
    });
    setFound((before) => ({
      query: wanted,
      conversationId: scope,
      items: cursor && before ? [...before.items, ...page.items] : page.items,
      nextCursor: page.nextCursor,
    }));
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = query.trim();
    if (wanted) run(() => ask(wanted, here ? conversationId : null, null));
  };
  const open = ({ message }: SearchHit): void => {
    setOverlay(null);
    if (message.threadRootId) {
      setPanel({
        kind: "thread",
        conversationId: message.conversationId,
        rootId: message.threadRootId,
      });
    } else jumpTo(message.conversationId, message.seq);
    navigate(conversationPath(message.conversationId));
  };

  return (
    <Dialog title="Search messages" onClose={() => setOverlay(null)}>
      <form className="dialog-form" onSubmit={onSubmit}>
        <div className="search-line">
          <input
            type="search"
            className="text-input"
            aria-label="Search for"
            placeholder="Words in a message"
            maxLength={LIMITS.searchLength}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
          <button type="submit" className="button button-primary" disabled={busy || query.trim() === ""}>
            Search
          </button>
        </div>
        {conversationId ? (
          <label className="check">
            <input type="checkbox" checked={here} onChange={(event) => setHere(event.target.checked)} />
            Only in this conversation
          </label>
        ) : null}
      </form>
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <ul className="rows" aria-label="Results">
        {found?.items.map((hit) => (
          <li key={hit.message.id}>
            <SearchResult hit={hit} place={nameOf(hit.message.conversationId)} onOpen={() => open(hit)} />
          </li>
        ))}
      </ul>
      <p className="list-note" role="status">
        {found ? foundText(found) : ""}
      </p>
      {found?.nextCursor ? (
        <button
          type="button"
          className="button button-quiet"
          disabled={busy}
          onClick={() => run(() => ask(found.query, found.conversationId, found.nextCursor))}
        >
          Show more
        </button>
      ) : null}
    </Dialog>
  );
}
