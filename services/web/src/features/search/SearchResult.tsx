import type { SearchHit } from "@confab/contract";
import { listTime } from "../../format/time.ts";
import { useNames } from "../chat/people.ts";
import { useNow } from "../presence/use-now.ts";
import { snippet } from "./snippet.ts";

interface SearchResultProps {
  hit: SearchHit;
  place: string;
  onOpen: () => void;
}

export function SearchResult({ hit: { message, highlights }, place, onOpen }: SearchResultProps) {
  const now = useNow();
  const sender = useNames([message.senderId], [])(message.senderId);
  return (
    <button type="button" className="row row-button" onClick={onOpen}>
      <span className="row-text">
        <b>
          {sender} · {place} · {listTime(new Date(message.createdAt), now)}
        </b>
        <span className="snippet" dir="auto">
          {snippet(message.body ?? "", highlights).map((part, index) =>
            part.marked ? <mark key={index}>{part.text}</mark> : part.text,
          )}
        </span>
      </span>
    </button>
  );
}
