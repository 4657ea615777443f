import type { Unsubscribe } from "./types.ts";

/** Whether somebody can be looking. */
export interface Attention {
  /** The page is shown and has the focus: counts as active, and as reading. */
  isActive(): boolean;
  isVisible(): boolean;
  subscribe(listener: () => void): Unsubscribe;
  /** The network came back. */
  onNetwork(listener: () => void): Unsubscribe;
}

/** Without a page (Node, a worker) the program itself is the reader: always active. */
export function pageAttention(): Attention {
  if (typeof document === "undefined" || typeof window === "undefined") {
    return {
      isActive: () => true,
      isVisible: () => true,
      subscribe: () => () => {},
      onNetwork: () => () => {},
    };
  }
  return {
    isActive: () => document.visibilityState === "visible" && document.hasFocus(),
    isVisible: () => document.visibilityState === "visible",
    subscribe(listener) {
      document.addEventListener("visibilitychange", listener);
      window.addEventListener("focus", listener);
      window.addEventListener("blur", listener);
      return () => {
        document.removeEventListener("visibilitychange", listener);
        window.removeEventListener("focus", listener);
        window.removeEventListener("blur", listener);
      };
    },
    onNetwork(listener) {
      window.addEventListener("online", listener);
      return () => window.removeEventListener("online", listener);
    },
  };
}
