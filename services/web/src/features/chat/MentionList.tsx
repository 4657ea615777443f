import type { User } from "@confab/sdk";
import { Avatar } from "../../components/Avatar.tsx";

interface MentionListProps {
  id: string;
  users: User[];
  active: number;
  onChoose: (user: User) => void;
}

export const optionId = (listId: string, index: number): string => `${listId}-${index}`;

/** Focus stays in the text: the field says which option is the active one. */
export function MentionList({ id, users, active, onChoose }: MentionListProps) {
  return (
    <div id={id} role="listbox" aria-label="People to mention" className="mention-list">
      {users.map((user, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant of the text field
        // biome-ignore lint/a11y/useKeyWithClickEvents: the text field has the keys
        <div
          key={user.id}
          id={optionId(id, index)}
          role="option"
          aria-selected={index === active}
          className="menu-item"
          // The field keeps the focus.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(user)}
        >
          <Avatar id={user.id} name={user.displayName} size="small" />
          <span className="person-name">{user.displayName}</span>
          {user.username ? <span className="person-handle">@{user.username}</span> : null}
        </div>
      ))}
    </div>
  );
}
