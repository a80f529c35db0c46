// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { post, Refusal, type Schemas } from "../../api/client";
import { useMe, usePool } from "../../api/queries";
import { Action } from "../../parts/action";
import { CopyBox } from "../../parts/copy";
import { clockTime } from "../../parts/time";

/** The first of "simulated-1", "simulated-2", ... that no node is called. */
export function freeName(taken: string[]): string {
  let number = 1;
  while (taken.includes(`simulated-${number}`)) ++number;
  return `simulated-${number}`;
}

/** Makes a token for joining and shows the command that uses it: for a machine with GPUs, or for one that is simulated. */
export function AddNode({ simulate }: { simulate?: string }) {
  const me = useMe();
  const pool = usePool();
  const [made, setMade] = useState<{ token: Schemas["MadeToken"]; name: string }>();
  const [error, setError] = useState("");
  const may = me.data?.role === "admin" || me.data?.role === "operator";
  if (made) {
    const { token, name } = made;
    // A simulated machine has a folder of its own, so that it disturbs no agent of the machine it runs on.
    const simulated = simulate ? ` --simulate ${simulate} --name ${name} --data ${name}` : "";
    return (
      <>
        <CopyBox name={simulate ? "simulate-command" : "join-command"} text={`echo ${token.secret} > join-token\nnav agent --join '${token.join ?? "https://HOST:8443#sha256:FINGERPRINT"}' --token-file join-token${simulated}`} />
        <p className="hint">
          The token is shown this once and lets machines join until {clockTime(token.token.expires)}. {!token.join && "This installation does not know its address for agents: "}
          {simulate ? "Run it where OpenNav runs; Ctrl-C takes the simulated machine away." : "Agents of other machines need nav up --agents-listen with an address they can reach."}
        </p>
      </>
    );
  }
  return (
    <>
      <Action
        className={simulate ? "" : "pri"}
        disabled={!may}
        why={may ? undefined : "An operator or admin can do this"}
        act={async () => setMade({ token: await post("/v1/join-tokens", { name: "join" }), name: freeName(pool.data?.nodes.map((node) => node.name) ?? []) })}
        onError={(refusal) => setError(refusal instanceof Refusal ? refusal.said : String(refusal))}
      >
        {simulate ? "Show the command for it" : "Show the command"}
      </Action>
      {error && <div className="wrong" role="alert">{error}</div>}
    </>
  );
}
