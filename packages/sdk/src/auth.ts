import { ChatError, type Me, type Session } from "@confab/contract";
import { createHttp } from "./http.ts";
import { createNotifier, createSource } from "./readable.ts";
import { isFinal } from "./runtime.ts";
import type { GetToken, Readable } from "./types.ts";

export interface AuthOptions {
  url: string;
  /** Where the session is kept; default: `localStorage` where there is one, else memory. */
  storage?: SessionStorage;
  fetch?: typeof fetch;
  now?: () => number;
}

/** `localStorage` has this shape. */
export interface SessionStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Accounts that Confab keeps itself; a host product with its own tokens does not need this. */
export interface Auth {
  /** Who is signed in on this device, in every tab; null: nobody. */
  readonly user: Readable<Me | null>;
  register(input: { username: string; password: string; displayName?: string; email?: string }): Promise<Me>;
  login(input: { username: string; password: string }): Promise<Me>;
  /** Forgets the session here at once and tells the server. */
  logout(): Promise<void>;
  /** Give it to `createChatClient`. Refreshes once for all tabs. Throws `unauthenticated` when nobody is signed in. */
  getToken: GetToken;
}

interface Kept {
  user: Me;
  accessToken: string;
  refreshToken: string;
  expiresAtMs: number;
}

/** A token that ends sooner is not handed out any more. */
const MARGIN_MS = 30_000;

export function createAuth(options: AuthOptions): Auth {
  const now = options.now ?? Date.now;
  const storage = options.storage ?? pageStorage() ?? memoryStorage();
  const key = `confab:session:${new URL(options.url).origin}`;
  const http = createHttp({ url: options.url, fetch: options.fetch });
  const user = createSource<Me | null>(createNotifier(queueMicrotask), read()?.user ?? null);
  /** What was handed out last: a refusal, or its coming end, is about this one. */
  let handedOut: string | null = null;
  let chain: Promise<unknown> = Promise.resolve();

  if (typeof window !== "undefined") {
    window.addEventListener("storage", (event) => {
      if (event.key === key || event.key === null) show(read());
    });
  }

  function read(): Kept | null {
    try {
      return JSON.parse(storage.getItem(key) ?? "null");
    } catch {
      return null;
    }
  }

  /** The same person is the same object, so that nothing renders again for a new token. */
  function show(kept: Kept | null): void {
    const next = kept?.user ?? null;
    if (JSON.stringify(next) !== JSON.stringify(user.getSnapshot())) user.set(next);
  }

  function keep(session: Session): Me {
    const kept: Kept = {
      user: session.user,
      accessToken: session.accessToken,
      refreshToken: session.refreshToken,
      expiresAtMs: now() + session.expiresInSeconds * 1000,
    };
    storage.setItem(key, JSON.stringify(kept));
    show(kept);
    return session.user;
  }

  function clear(): void {
    storage.removeItem(key);
    show(null);
  }

  /** INVARIANT: one refresh at a time in all tabs, for a refresh token that is used twice ends the session. */
  function exclusively<T>(run: () => Promise<T>): Promise<T> {
    if (typeof navigator !== "undefined" && navigator.locks !== undefined && options.storage === undefined) {
      return navigator.locks.request(key, run) as Promise<T>;
    }
    const next = chain.then(run, run);
    chain = next.catch(() => {});
    return next;
  }

  const getToken: GetToken = ({ reason, signal }) =>
    exclusively(async () => {
      const kept = read();
      if (kept === null) throw new ChatError("unauthenticated", { reason: "signed_out" });
      // Another tab may have refreshed meanwhile.
      const isSpent = reason !== "connect" && kept.accessToken === handedOut;
      if (!isSpent && kept.expiresAtMs - now() > MARGIN_MS) {
        handedOut = kept.accessToken;
        return kept.accessToken;
      }
      try {
        const session = await http("refresh", { body: { refreshToken: kept.refreshToken }, signal });
        keep(session);
        handedOut = session.accessToken;
        return session.accessToken;
      } catch (error) {
        const isRefused = error instanceof ChatError && (error.code === "unauthenticated" || isFinal(error));
        if (!isRefused) throw error;
        clear();
        throw new ChatError("unauthenticated", { reason: error.reason, cause: error });
      }
    });

  return {
    user,
    getToken,
    register: async (input) => keep(await http("register", { body: input })),
    login: async (input) => keep(await http("login", { body: input })),
    async logout() {
      const kept = read();
      clear();
      if (kept !== null) await http("logout", { body: { refreshToken: kept.refreshToken } });
    },
  };
}

function pageStorage(): SessionStorage | undefined {
  try {
    return typeof document === "undefined" ? undefined : globalThis.localStorage;
  } catch {
    return undefined;
  }
}

function memoryStorage(): SessionStorage {
  const values = new Map<string, string>();
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  };
}
