import type { User } from "@confab/sdk";
import { useChat } from "@confab/sdk/react";
import { type ReactNode, useEffect, useState } from "react";
import { useSession } from "../auth/session.ts";
import { errorText } from "../error-text.ts";

interface PeoplePickerProps {
  /** Ids of people who are not offered, besides oneself. */
  except?: readonly string[];
  renderPerson: (user: User) => ReactNode;
}

/** Long enough that typing a name asks once or twice, short enough to feel immediate. */
const PAUSE_MS = 150;

export function PeoplePicker({ except = [], renderPerson }: PeoplePickerProps) {
  const chat = useChat();
  const { userId } = useSession();
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<User[] | null>(null);
  const [failure, setFailure] = useState("");

  useEffect(() => {
    let stale = false;
    const ask = async (): Promise<void> => {
      try {
        const users = await chat.searchUsers(query);
        if (stale) return;
        setFound(users);
        setFailure("");
      } catch (error) {
        if (!stale) setFailure(errorText(error));
      }
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [chat, query]);

  const people = found?.filter((user) => user.id !== userId && !except.includes(user.id));
  return (
    <div className="people-picker">
      <input
        type="search"
        className="text-input"
        aria-label="Search people"
        placeholder="Search by name"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
      />
      <p className="form-failure" role="alert">
        {failure}
      </p>
      <ul className="people" aria-label="People">
        {people?.map((user) => (
          <li key={user.id}>{renderPerson(user)}</li>
        ))}
      </ul>
      <p className="list-note" role="status">
        {people?.length === 0
          ? query
            ? `Nobody is called “${query}”.`
            : "There is nobody else here yet."
          : ""}
      </p>
    </div>
  );
}
