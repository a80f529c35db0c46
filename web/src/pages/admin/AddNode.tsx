// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { post, Refusal, type Schemas } from "../../api/client";
import { useMe } from "../../api/queries";
import { Action } from "../../parts/action";
import { CopyBox } from "../../parts/copy";
import { clockTime } from "../../parts/time";

/** Makes a token for joining and shows the one command that uses it. */
export function AddNode() {
  const me = useMe();
  const [made, setMade] = useState<Schemas["MadeToken"]>();
  const [error, setError] = useState("");
  const may = me.data?.role === "admin" || me.data?.role === "operator";
  if (made)
    return (
      <>
        <CopyBox name="join-command" text={`echo ${made.secret} > join-token\nnav agent --join '${made.join ?? "https://HOST:8443#sha256:FINGERPRINT"}' --token-file join-token`} />
        <p className="hint">
          The token is shown this once and lets machines join until {clockTime(made.token.expires)}. {!made.join && "This installation does not know its address for agents: "}
          Agents of other machines need nav up --agents-listen with an address they can reach.
        </p>
      </>
    );
  return (
    <>
      <Action
        className="pri"
        disabled={!may}
        why={may ? undefined : "An operator or admin can do this"}
        act={async () => setMade(await post("/v1/join-tokens", { name: "join" }))}
        onError={(refusal) => setError(refusal instanceof Refusal ? refusal.said : String(refusal))}
      >
        Show the command
      </Action>
      {error && <div className="wrong" role="alert">{error}</div>}
    </>
  );
}
