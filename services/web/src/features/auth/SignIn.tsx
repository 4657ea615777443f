import type { Auth } from "@confab/sdk";
import { type FormEvent, useEffect, useState } from "react";
import { Field } from "../../components/Field.tsx";
import { Icon } from "../../components/Icon.tsx";
import type { WebConfig } from "../../config.ts";
import { signInErrorText } from "../error-text.ts";
import { DemoAccounts } from "./DemoAccounts.tsx";

interface SignInProps {
  auth: Auth;
  demoAccounts: WebConfig["demoAccounts"];
  /** The session ended without the person asking for it. */
  ended: boolean;
}

export function SignIn({ auth, demoAccounts, ended }: SignInProps) {
  const [creating, setCreating] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState("");
  useEffect(() => {
    document.title = "Sign in · Confab";
  }, []);

  /** On success the signed-in person changes, and this page goes away. */
  const run = async (work: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setFailure("");
    try {
      await work();
    } catch (error) {
      setFailure(signInErrorText(error, creating));
      setBusy(false);
    }
  };

  const onSubmit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    const account = { username: text("username"), password: String(form.get("password") ?? "") };
    const displayName = text("displayName");
    void run(() =>
      creating ? auth.register({ ...account, ...(displayName && { displayName }) }) : auth.login(account),
    );
  };

  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <header className="brand">
          <span className="brand-mark">
            <Icon name="chat" size={24} />
          </span>
          Confab
        </header>
        <h1>{creating ? "Create your account" : "Sign in"}</h1>
        {ended ? (
          <p className="banner" role="status">
            Your session has ended. Sign in to go on where you were.
          </p>
        ) : null}
        <form onSubmit={onSubmit} aria-describedby={failure ? "sign-in-failure" : undefined}>
          {creating ? (
            <Field label="Your name" name="displayName" autoComplete="name" maxLength={100} />
          ) : null}
          <Field
            label="Username"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            minLength={2}
            maxLength={creating ? 32 : 254}
          />
          <Field
            label="Password"
            name="password"
            type="password"
            autoComplete={creating ? "new-password" : "current-password"}
            required
            {...(creating && { minLength: 8, hint: "At least 8 characters." })}
          />
          <p id="sign-in-failure" className="form-failure" role="alert">
            {failure}
          </p>
          <button type="submit" className="button button-primary button-wide" disabled={busy}>
            {creating ? "Create account" : "Sign in"}
          </button>
        </form>
        <p className="sign-in-switch">
          {creating ? "You have an account?" : "New here?"}{" "}
          <button
            type="button"
            className="link-button"
            onClick={() => {
              setCreating(!creating);
              setFailure("");
            }}
          >
            {creating ? "Sign in instead" : "Create an account"}
          </button>
        </p>
        <DemoAccounts
          accounts={demoAccounts}
          busy={busy}
          onPick={(account) => void run(() => auth.login(account))}
        />
      </div>
    </main>
  );
}
