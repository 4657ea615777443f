import type { Me } from "@confab/contract";
import type { GetToken, Readable } from "./types.ts";

export interface AuthOptions {
  url: string;
  /** Where the session is kept; default: `localStorage` where there is one, else memory. */
  storage?: SessionStorage;
  fetch?: typeof fetch;
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

export function createAuth(_options: AuthOptions): Auth {
  throw new Error("not written yet");
}
