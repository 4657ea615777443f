import { z } from "zod";
import { Message } from "./entities.ts";
import { ConversationId } from "./ids.ts";
import { LIMITS } from "./limits.ts";

/** Every word must be in the message, as the beginning of a word; upper and lower case and accents are alike. */
export const SearchQuery = z.strictObject({
  query: z
    .string()
    .trim()
    .min(1)
    .max(LIMITS.searchLength)
    .refine((text) => text.isWellFormed(), { message: "must be well-formed Unicode" }),
  conversationId: ConversationId.optional(),
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(LIMITS.searchPage).default(20),
});
export type SearchQuery = z.infer<typeof SearchQuery>;

/** `message.seq` is where to jump. Highlights are offsets in UTF-16 units of `message.body`, in order. */
export const SearchHit = z
  .object({
    message: Message,
    highlights: z.array(z.object({ start: z.int(), length: z.int() })),
  })
  .meta({ id: "SearchHit" });
export type SearchHit = z.infer<typeof SearchHit>;

export const SearchPage = z
  .object({ items: z.array(SearchHit), nextCursor: z.string().nullable() })
  .meta({ id: "SearchPage" });
export type SearchPage = z.infer<typeof SearchPage>;

/** Spread into `COMMANDS`. */
export const SEARCH_COMMANDS = {
  "message:search": {
    about: "Messages with these words in one of your conversations or in all, newest first.",
    payload: SearchQuery,
    ack: SearchPage,
    limit: "search",
  },
} as const;
