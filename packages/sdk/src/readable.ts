import type { Readable } from "./types.ts";

type Listeners = Set<() => void>;

/** Collects changes, so that a burst of frames makes one round of listener calls. */
export interface Notifier {
  touch(listeners: Listeners): void;
}

export function createNotifier(schedule: (flush: () => void) => void): Notifier {
  let touched = new Set<Listeners>();
  const flush = (): void => {
    const round = touched;
    touched = new Set();
    for (const listeners of round) for (const listener of [...listeners]) listener();
  };
  return {
    touch(listeners) {
      if (listeners.size === 0) return;
      if (touched.size === 0) schedule(flush);
      touched.add(listeners);
    },
  };
}

/** Once per frame on a visible page (frames stop on hidden ones), else at the end of the task. */
export function scheduleFlush(flush: () => void): void {
  const isShown = typeof document !== "undefined" && document.visibilityState === "visible";
  if (!isShown || typeof requestAnimationFrame === "undefined") {
    queueMicrotask(flush);
    return;
  }
  let done = false;
  const once = (): void => {
    if (done) return;
    done = true;
    flush();
  };
  requestAnimationFrame(once);
  setTimeout(once, 100);
}

export interface Source<T> extends Readable<T> {
  set(value: T): void;
}

export function createSource<T>(notifier: Notifier, initial: T): Source<T> {
  let value = initial;
  const listeners: Listeners = new Set();
  return {
    getSnapshot: () => value,
    subscribe: (listener) => subscribeTo(listeners, listener),
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      notifier.touch(listeners);
    },
  };
}

export interface Derived<T> extends Readable<T> {
  /** What it is made of has changed: computed again when next asked for. */
  invalidate(): void;
}

export function createDerived<T>(notifier: Notifier, compute: (previous: T | undefined) => T): Derived<T> {
  let value: T | undefined;
  let stale = true;
  const listeners: Listeners = new Set();
  return {
    getSnapshot() {
      if (stale) {
        value = compute(value);
        stale = false;
      }
      return value as T;
    },
    subscribe: (listener) => subscribeTo(listeners, listener),
    invalidate() {
      stale = true;
      notifier.touch(listeners);
    },
  };
}

function subscribeTo(listeners: Listeners, listener: () => void): () => void {
  // One entry per subscription, also when the same function subscribes twice.
  const entry = (): void => listener();
  listeners.add(entry);
  return () => {
    listeners.delete(entry);
  };
}
