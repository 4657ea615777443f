import { useState } from "react";
import { errorText } from "./error-text.ts";

/** Something that a form does: busy while it lasts, and what to say if it fails. */
export function useTask(): {
  busy: boolean;
  failure: string;
  run: (work: () => Promise<unknown>, done?: () => void) => void;
} {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");
  const run = (work: () => Promise<unknown>, done?: () => void): void => {
    setBusy(true);
    setFailure("");
    work()
      .then(done, (error: unknown) => setFailure(errorText(error)))
      .finally(() => setBusy(false));
  };
  return { busy, failure, run };
}
