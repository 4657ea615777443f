import { Avatar } from "../../components/Avatar.tsx";
import type { WebConfig } from "../../config.ts";

type DemoAccount = WebConfig["demoAccounts"][number];

interface DemoAccountsProps {
  accounts: DemoAccount[];
  busy: boolean;
  onPick: (account: { username: string; password: string }) => void;
}

/** Only a demonstration names any; an ordinary deployment sends an empty list and shows nothing here. */
export function DemoAccounts({ accounts, busy, onPick }: DemoAccountsProps) {
  if (accounts.length === 0) return null;
  return (
    <section className="demo-accounts" aria-labelledby="demo-accounts-title">
      <h2 id="demo-accounts-title">Or try it as</h2>
      <ul>
        {accounts.map(({ username, password, displayName }) => (
          <li key={username}>
            <button
              type="button"
              className="demo-account"
              disabled={busy}
              aria-label={`Continue as ${displayName}`}
              onClick={() => onPick({ username, password })}
            >
              <Avatar id={username} name={displayName} size="small" />
              {displayName}
            </button>
          </li>
        ))}
      </ul>
      <p className="field-hint">Open a private window to be a second person at the same time.</p>
    </section>
  );
}
