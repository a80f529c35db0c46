// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { all, post, type Schemas, type Token } from "../../api/client";
import { useMe } from "../../api/queries";
import { Action } from "../../parts/action";
import { CopyBox } from "../../parts/copy";
import { Field } from "../../parts/form";
import { Failed } from "../../parts/states";
import { clockTime, parseDuration } from "../../parts/time";
import { say } from "../../parts/toast";
import { nameRule, useSending } from "./form-state";

const isOpen = (token: Token): boolean => !token.revoked && (token.expires === undefined || token.expires > Date.now() * 1000);

export function TokensPart() {
  const tokens = useQuery({ queryKey: ["access", "tokens"], queryFn: () => all<Token>("/v1/tokens"), staleTime: 10_000 });
  const client = useQueryClient();
  const me = useMe();
  const [wanted, setWanted] = useState({ name: "", user: "", days: "90" });
  const [made, setMade] = useState<Schemas["MadeToken"]>();
  const [old, setOld] = useState(false);
  const form = useSending<"name" | "user" | "valid_for">("access");
  if (!tokens.data) return tokens.error ? <Failed error={tokens.error} /> : null;
  const shown = tokens.data.filter((token) => old || isOpen(token)).reverse();
  return (
    <div className="admin">
      <section className="card f1" aria-label="Tokens">
        <table>
          <thead><tr><th>token</th><th>for</th><th>whose</th><th>opens</th><th>made</th><th>until</th><th><span className="sr">what can be done</span></th></tr></thead>
          <tbody>
            {shown.map((token) => (
              <tr key={token.id}>
                <td className="m mut">{token.id}</td>
                <td className="b">{token.name}</td>
                <td>{token.user}</td>
                <td>{token.kind === "join" ? "the pool, for machines" : "the API"}</td>
                <td className="nw mut">{clockTime(token.made)}</td>
                <td className="nw">{isOpen(token) ? (token.expires === undefined ? "for ever" : clockTime(token.expires)) : <span className="pill">{token.revoked ? "revoked" : "expired"}</span>}</td>
                <td className="r">
                  {isOpen(token) && (
                    <Action className="sm danger" act={async () => {
                      await post(`/v1/tokens/${token.id}/revoke`);
                      say(`${token.name} opens nothing from now on.`);
                      await client.invalidateQueries({ queryKey: ["access"] });
                    }}>
                      Revoke
                    </Action>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <label className="check t12 mut" style={{ padding: 12 }}>
          <input type="checkbox" checked={old} onChange={(event) => setOld(event.target.checked)} /> Those too that open nothing any more
        </label>
      </section>
      <section className="card side" aria-label="New token">
        <form className="col" style={{ gap: 10 }}
          onSubmit={(event) => {
            event.preventDefault();
            const body = { name: wanted.name, ...(wanted.user ? { user: wanted.user } : {}), ...(wanted.days ? { valid_for: parseDuration(`${wanted.days} d`) ?? 0 } : {}) };
            void form.send(async () => setMade(await post("/v1/tokens", body)), "", "name");
          }}>
          <h2>New token</h2>
          <Field label="What for" hint={nameRule} error={form.wrongs.name}>{(field) => <input {...field} className="in" placeholder="laptop" value={wanted.name} onChange={(event) => setWanted({ ...wanted, name: event.target.value })} />}</Field>
          {me.data?.role === "admin" && (
            <Field label="Whose" optional error={form.wrongs.user}>{(field) => <input {...field} className="in" placeholder="yours" value={wanted.user} onChange={(event) => setWanted({ ...wanted, user: event.target.value })} />}</Field>
          )}
          <Field label="Days" hint="Empty: for ever." error={form.wrongs.valid_for}>{(field) => <input {...field} className="in" inputMode="numeric" value={wanted.days} onChange={(event) => setWanted({ ...wanted, days: event.target.value })} />}</Field>
          <button className="btn pri" style={{ alignSelf: "start" }} disabled={form.busy}>Make the token</button>
        </form>
        {made && (
          <>
            <div className="notice ok">Shown this once: only its hash is kept.</div>
            <CopyBox name="secret" text={made.secret} />
          </>
        )}
      </section>
    </div>
  );
}
