import { useCallback, useEffect, useState } from "react";
import { errorText } from "./error-text.ts";

export interface Loaded<T> {
  /** Null until it is there. */
  value: T | null;
  failure: string;
  reload: () => void;
  /** For what has been changed here meanwhile. */
  set: (value: T) => void;
}

/** What the server is asked for once, and again on `reload`; `load` must keep its identity. */
export function useLoaded<T>(load: () => Promise<T>): Loaded<T> {
  const [value, setValue] = useState<T | null>(null);
  const [failure, setFailure] = useState("");
  const [count, setCount] = useState(0);
  useEffect(() => {
    let stale = false;
    setFailure("");
    load().then(
      (loaded) => {
        if (!stale) setValue(loaded);
      },
      (error: unknown) => {
        if (!stale) setFailure(errorText(error));
      },
    );
    return () => {
      stale = true;
    };
  }, [load, count]);
  const reload = useCallback(() => setCount((before) => before + 1), []);
  return { value, failure, reload, set: setValue };
}
