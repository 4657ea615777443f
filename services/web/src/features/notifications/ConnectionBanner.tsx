import type { ConnectionStatus } from "@confab/sdk";
import { useChat, useConnection } from "@confab/sdk/react";
import { useEffect, useRef, useState } from "react";
import { countdown } from "../../format/time.ts";
import { useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";

/** A blip that heals within this time is not worth a banner. */
const QUIET_MS = 2_000;

const isTrouble = ({ state }: ConnectionStatus): boolean => state !== "online" && state !== "idle";
const isFinal = ({ state }: ConnectionStatus): boolean => state === "unauthorized" || state === "closed";

/** True once `trouble` has lasted; at once for what will not heal by itself. */
function useLasting(trouble: boolean, atOnce: boolean): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!trouble) return setLasting(false);
    const timer = setTimeout(() => setLasting(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, [trouble]);
  return trouble && (lasting || atOnce);
}

/** The status region is always there, so that what appears in it is announced. */
export function ConnectionBanner() {
  const connection = useConnection();
  const visible = useLasting(isTrouble(connection), isFinal(connection));
  // The banner speaks when it comes, but a live region that empties says nothing.
  const wasVisible = useRef(false);
  useEffect(() => {
    if (wasVisible.current && !visible) useUi.getState().announce("Connected again.");
    wasVisible.current = visible;
  }, [visible]);
  return (
    <div className="connection" role="status" aria-label="Connection">
      {visible ? <BannerText connection={connection} /> : null}
    </div>
  );
}

function BannerText({ connection }: { connection: ConnectionStatus }) {
  const chat = useChat();
  const { signOut } = useSession();
  if (connection.state === "unauthorized") {
    return (
      <p className="banner banner-final">
        Your session has ended.
        <button type="button" className="button button-small" onClick={() => void signOut()}>
          Sign in again
        </button>
      </p>
    );
  }
  if (connection.state === "closed") {
    return (
      <p className="banner banner-final">
        This page is out of date.
        <button type="button" className="button button-small" onClick={() => location.reload()}>
          Reload
        </button>
      </p>
    );
  }
  return (
    <p className="banner">
      <span>
        {navigator.onLine ? "Connecting to Confab…" : "You are offline."} What you write is kept and sent
        later.
        {connection.retryAtMs ? <Countdown atMs={connection.retryAtMs} /> : null}
      </span>
      <button type="button" className="button button-small" onClick={() => chat.connect()()}>
        Retry now
      </button>
    </p>
  );
}

/** Seen, not said: a screen reader would read every second. */
function Countdown({ atMs }: { atMs: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  return (
    <span aria-hidden="true" className="countdown">
      {" "}
      Next try in {countdown(atMs - now)}.
    </span>
  );
}
