import { type MouseEvent, useSyncExternalStore } from "react";

/** The address bar is the one owner of which conversation is open: `/` or `/c/<id>`. */
export interface Route {
  conversationId: string | null;
}

export const conversationPath = (id: string): string => `/c/${encodeURIComponent(id)}`;

export function parseRoute(pathname: string): Route {
  const id = /^\/c\/([^/]+)\/?$/u.exec(pathname)?.[1];
  try {
    return { conversationId: id === undefined ? null : decodeURIComponent(id) };
  } catch {
    return { conversationId: null };
  }
}

const listeners = new Set<() => void>();
const notify = (): void => {
  for (const listener of listeners) listener();
};
const subscribe = (listener: () => void): (() => void) => {
  if (listeners.size === 0) addEventListener("popstate", notify);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) removeEventListener("popstate", notify);
  };
};

export function navigate(path: string, how: "push" | "replace" = "push"): void {
  if (path === location.pathname) return;
  if (how === "push") history.pushState(null, "", path);
  else history.replaceState(null, "", path);
  notify();
}

export function useRoute(): Route {
  const pathname = useSyncExternalStore(subscribe, () => location.pathname);
  return parseRoute(pathname);
}

/** For an `<a>`: stays in the page on a plain click, leaves new tabs and windows to the browser. */
export function followLink(event: MouseEvent<HTMLAnchorElement>): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(new URL(event.currentTarget.href).pathname);
}
