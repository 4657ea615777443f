import { createContext, useContext } from "react";

/** Who is signed in, from the first render on (the SDK's `me` follows once the server has answered). */
export interface Session {
  userId: string;
  /** As it was at sign-in; a later change is in `me`. */
  displayName: string;
  signOut: () => Promise<void>;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("nobody is signed in here");
  return session;
}
