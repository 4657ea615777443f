/** What the server that delivered this page says about itself: the bundle holds no address. */
export interface WebConfig {
  /** Of the API and the sockets; empty means this page's own origin. */
  url: string;
  demoAccounts: { username: string; password: string; displayName: string }[];
}

const DEADLINE_MS = 10_000;

/** Throws when the server cannot be reached or answers with something else. */
export async function loadConfig(): Promise<WebConfig> {
  const response = await fetch("/config.json", {
    cache: "no-store",
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (!response.ok) throw new Error(`config.json: ${response.status}`);
  const config = (await response.json()) as Partial<WebConfig>;
  return { url: config.url || location.origin, demoAccounts: config.demoAccounts ?? [] };
}
