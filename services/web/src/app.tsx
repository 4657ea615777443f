import { type Auth, createAuth, createChatClient } from "@confab/sdk";
import { ChatProvider, useReadable } from "@confab/sdk/react";
import { useCallback, useEffect, useRef, useState } from "react";
import { Announcer, Toast } from "./components/Announcer.tsx";
import { EmptyState } from "./components/EmptyState.tsx";
import { loadConfig, type WebConfig } from "./config.ts";
import { SignIn } from "./features/auth/SignIn.tsx";
import { SessionContext } from "./features/auth/session.ts";
import { Shell } from "./features/Shell.tsx";
import { navigate } from "./router.ts";

interface Boot {
  config: WebConfig;
  auth: Auth;
}

/** Asks the server where it is, then who is signed in here, then shows the chat. */
export function App() {
  const [boot, setBoot] = useState<Boot | "loading" | "failed">("loading");
  const load = useCallback(() => {
    setBoot("loading");
    loadConfig().then(
      (config) => setBoot({ config, auth: createAuth({ url: config.url }) }),
      () => setBoot("failed"),
    );
  }, []);
  useEffect(load, [load]);

  if (boot === "loading") return <div className="splash" role="status" aria-label="Starting Confab" />;
  if (boot === "failed") {
    return (
      <main className="splash">
        <EmptyState icon="warning" title="Confab cannot be reached">
          <p>Check your connection. Nothing that you wrote is lost.</p>
          <button type="button" className="button button-primary" onClick={load}>
            Try again
          </button>
        </EmptyState>
      </main>
    );
  }
  return <Session config={boot.config} auth={boot.auth} />;
}

function Session({ config, auth }: Boot) {
  const user = useReadable(auth.user);
  const [left, setLeft] = useState<"" | "by choice" | "unasked">("");
  // Also when another tab signs out, or the server ends the session.
  const wasSignedIn = useRef(false);
  useEffect(() => {
    if (user) setLeft("");
    else if (wasSignedIn.current) setLeft((how) => how || "unasked");
    wasSignedIn.current = user !== null;
  }, [user]);
  if (!user) return <SignIn auth={auth} demoAccounts={config.demoAccounts} ended={left === "unasked"} />;
  return (
    <SignedIn
      key={user.id}
      url={config.url}
      auth={auth}
      userId={user.id}
      displayName={user.displayName}
      onLeave={() => setLeft("by choice")}
    />
  );
}

interface SignedInProps {
  url: string;
  auth: Auth;
  userId: string;
  displayName: string;
  onLeave: () => void;
}

/** One client per person who signs in; the key above makes a new one for somebody else. */
function SignedIn({ url, auth, userId, displayName, onLeave }: SignedInProps) {
  const [client] = useState(() => createChatClient({ url, getToken: auth.getToken }));
  const session = {
    userId,
    displayName,
    signOut: async () => {
      onLeave();
      await client.disconnect();
      // The session is forgotten here even if the server cannot be told.
      await auth.logout().catch(() => undefined);
      navigate("/", "replace");
    },
  };
  return (
    <SessionContext value={session}>
      <ChatProvider client={client}>
        <Shell />
        <Announcer />
        <Toast />
      </ChatProvider>
    </SessionContext>
  );
}
