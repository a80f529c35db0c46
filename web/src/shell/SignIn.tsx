// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { answerOf, Refusal } from "../api/client";
import { Field } from "../parts/form";
import { Logo } from "./Rail";

/** A token becomes a cookie that no script can read; it is not kept anywhere else. A link from `nav up` carries one behind the #. */
export function SignIn() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const search = useSearch({ from: "/sign-in" });
  const [token, setToken] = useState("");
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const tried = useRef(false);

  const signIn = useCallback(
    async (secret: string) => {
      if (!secret.trim()) return setError("Paste a token: nav token create gives you one.");
      setBusy(true);
      setError("");
      try {
        await answerOf("POST", "/v1/session", { token: secret.trim() });
        client.clear();
        // Only an address of these pages: a link must not send anybody elsewhere.
        const then = search.then?.startsWith("/") && !search.then.startsWith("//") ? search.then : "/pool";
        await navigate({ href: then, replace: true });
      } catch (refusal) {
        setError(refusal instanceof Refusal ? (refusal.status === 401 ? "This token opens nothing here: it is unknown, revoked or expired." : refusal.said) : String(refusal));
        setBusy(false);
      }
    },
    [client, navigate, search.then],
  );

  useEffect(() => {
    const secret = location.hash.slice(1);
    if (!secret || tried.current) return;
    tried.current = true;
    // Out of the address bar and the history before anything else.
    history.replaceState(history.state, "", location.pathname + location.search);
    void signIn(decodeURIComponent(secret));
  }, [signIn]);

  return (
    <div className="sign-in">
      <form
        className="card"
        onSubmit={(event) => {
          event.preventDefault();
          void signIn(token);
        }}
      >
        <div className="row center">
          <span style={{ width: 34, height: 34 }}>
            <Logo />
          </span>
          <div>
            <h1>OpenNav</h1>
            <div className="sub t12">The GPUs of this pool, one click away</div>
          </div>
        </div>
        <Field label="Token" error={error} hint="It becomes a session of 30 days in this browser and is not kept otherwise.">
          {(field) => (
            <input {...field} className="in mono" type="password" autoComplete="off" spellCheck={false} autoFocus placeholder="nav_…" value={token}
              onChange={(event) => setToken(event.target.value)} />
          )}
        </Field>
        <button className="btn pri" disabled={busy}>
          {busy ? "Signing in" : "Sign in"}
        </button>
        <p className="sub t12">
          On the machine where OpenNav runs, <code>nav up</code> prints a link that signs you in. Elsewhere an admin makes you a user and a token,
          and you paste it here.
        </p>
      </form>
    </div>
  );
}
