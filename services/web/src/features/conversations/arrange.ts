import type { PersonalState } from "@confab/contract";
import type { ConversationListItem } from "@confab/sdk";

/** What one pinned comes first; what one archived is shown apart. Else the newest activity is first, as it came. */
export function arrange(
  items: readonly ConversationListItem[],
  states: ReadonlyMap<string, Pick<PersonalState, "pinnedAt" | "archivedAt">>,
  archived: boolean,
): ConversationListItem[] {
  const isPinned = ({ id }: ConversationListItem): boolean => states.get(id)?.pinnedAt != null;
  const shown = items.filter(({ id }) => (states.get(id)?.archivedAt != null) === archived);
  return [...shown.filter(isPinned), ...shown.filter((item) => !isPinned(item))];
}
