import { useUi } from "../ui-store.ts";
import { errorText } from "./error-text.ts";

/** For what is done without a form: the reason stands on the screen for a moment. */
export const toastFailure = (error: unknown): void => useUi.getState().toast(errorText(error));
