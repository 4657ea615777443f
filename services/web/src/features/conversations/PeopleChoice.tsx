import type { User } from "@confab/sdk";
import { Avatar } from "../../components/Avatar.tsx";
import { Icon } from "../../components/Icon.tsx";
import { PeoplePicker } from "./PeoplePicker.tsx";

interface PeopleChoiceProps {
  chosen: readonly User[];
  onChange: (chosen: User[]) => void;
  except?: readonly string[];
}

/** Several people at once: tick them below, take them back above. */
export function PeopleChoice({ chosen, onChange, except }: PeopleChoiceProps) {
  const without = (id: string): User[] => chosen.filter((user) => user.id !== id);
  return (
    <>
      {chosen.length > 0 ? (
        <ul className="chips" aria-label="Chosen people">
          {chosen.map((user) => (
            <li key={user.id}>
              <button
                type="button"
                className="chip"
                aria-label={`Take out ${user.displayName}`}
                onClick={() => onChange(without(user.id))}
              >
                {user.displayName}
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      <PeoplePicker
        except={except ?? []}
        renderPerson={(user) => (
          <label className="person">
            <input
              type="checkbox"
              aria-label={user.displayName}
              checked={chosen.some((each) => each.id === user.id)}
              onChange={(event) => onChange(event.target.checked ? [...chosen, user] : without(user.id))}
            />
            <Avatar id={user.id} name={user.displayName} size="small" />
            <span className="person-name">{user.displayName}</span>
            {user.username ? <span className="person-handle">@{user.username}</span> : null}
          </label>
        )}
      />
    </>
  );
}
