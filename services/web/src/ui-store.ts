import { create } from "zustand";

/** State of this window's surface only: what people said and who they are lives in the SDK. */
export type Theme = "system" | "light" | "dark";
export type Overlay = "direct" | "group" | "search" | "threads" | "profile" | "status" | "blocks" | null;
/** What stands beside the conversation. */
export type Panel =
  | { kind: "details" | "pins" | "reports" }
  | { kind: "thread"; conversationId: string; rootId: string }
  | null;
/** A place in a history that somebody asked for from elsewhere; `count` lets the same one be asked for again. */
export interface Jump {
  conversationId: string;
  seq: number;
  count: number;
}

interface UiState {
  theme: Theme;
  overlay: Overlay;
  panel: Panel;
  jump: Jump | null;
  /** The list shows what was archived, in place of the rest. */
  archivedShown: boolean;
  /** What the page's one polite announcer says now; `count` lets the same words be said twice. */
  announcement: { text: string; count: number };
  toastText: string;
  setTheme: (theme: Theme) => void;
  setOverlay: (overlay: Overlay) => void;
  setPanel: (panel: Panel) => void;
  openThread: (conversationId: string, rootId: string) => void;
  jumpTo: (conversationId: string, seq: number) => void;
  setArchivedShown: (shown: boolean) => void;
  announce: (text: string) => void;
  /** Shows a line for a moment, and announces it. */
  toast: (text: string) => void;
}

const THEME_KEY = "confab:theme";
const readTheme = (): Theme => {
  const stored = localStorage.getItem(THEME_KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
};

/** `color-scheme` follows this attribute, and every colour follows `color-scheme`. */
const applyTheme = (theme: Theme): void => {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
};

const TOAST_MS = 6_000;
let toastTimer: ReturnType<typeof setTimeout> | undefined;

export const useUi = create<UiState>((set, get) => ({
  theme: readTheme(),
  overlay: null,
  panel: null,
  jump: null,
  archivedShown: false,
  announcement: { text: "", count: 0 },
  toastText: "",
  setTheme: (theme) => {
    localStorage.setItem(THEME_KEY, theme);
    applyTheme(theme);
    set({ theme });
  },
  setOverlay: (overlay) => set({ overlay }),
  setPanel: (panel) => set({ panel }),
  openThread: (conversationId, rootId) => set({ panel: { kind: "thread", conversationId, rootId } }),
  jumpTo: (conversationId, seq) =>
    set(({ jump }) => ({ jump: { conversationId, seq, count: (jump?.count ?? 0) + 1 } })),
  setArchivedShown: (archivedShown) => set({ archivedShown }),
  announce: (text) => set(({ announcement }) => ({ announcement: { text, count: announcement.count + 1 } })),
  toast: (text) => {
    set({ toastText: text });
    get().announce(text);
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => set({ toastText: "" }), TOAST_MS);
  },
}));

applyTheme(useUi.getState().theme);
