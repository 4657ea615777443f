import type { ConversationSettings } from "@confab/contract";
import { Choices } from "../../components/Choices.tsx";
import { HISTORY_CHOICES, slowModeChoices } from "./settings.ts";

interface GroupSettingsFieldsProps {
  settings: ConversationSettings;
  onChange: (change: Partial<ConversationSettings>) => void;
  /** The group exists: what joiners see stays as it is. */
  historyFixed?: boolean;
  mayAnnounce?: boolean;
  mayChange?: boolean;
}

export function GroupSettingsFields({
  settings,
  onChange,
  historyFixed = false,
  mayAnnounce = true,
  mayChange = true,
}: GroupSettingsFieldsProps) {
  return (
    <div className="group-settings">
      <Choices
        label="People who join see"
        choices={HISTORY_CHOICES}
        value={settings.history}
        disabled={historyFixed}
        hint={historyFixed ? "Fixed since the group was made." : "This cannot be changed later."}
        onChange={(history) => onChange({ history })}
      />
      <Choices
        label="Slow mode"
        choices={slowModeChoices(settings.slowModeSeconds)}
        value={settings.slowModeSeconds}
        disabled={!mayChange}
        onChange={(slowModeSeconds) => onChange({ slowModeSeconds })}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={settings.announcement}
          disabled={!mayAnnounce}
          onChange={(event) => onChange({ announcement: event.target.checked })}
        />
        Announcements only: admins and moderators write
      </label>
    </div>
  );
}
