import { createAuth } from "@confab/sdk";
import type { Stage } from "./stage.ts";

/** Accounts that Confab keeps itself: register, sign out, sign in again. */
export async function signUpAndIn({ url }: Stage) {
  const kept = new Map<string, string>();
  const auth = createAuth({
    url,
    // In a browser leave it out: the session is in localStorage then.
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
  });
  const username = `ida-${crypto.randomUUID().slice(0, 8)}`;
  await auth.register({ username, password: "correct horse battery", displayName: "Ida" });
  await auth.logout();
  const me = await auth.login({ username, password: "correct horse battery" });
  // Give `auth.getToken` to `createChatClient`.
  const token = await auth.getToken({ reason: "connect", signal: AbortSignal.timeout(5000) });
  return { me, token, user: auth.user.getSnapshot() };
}
