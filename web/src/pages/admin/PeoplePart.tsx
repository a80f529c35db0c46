// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { all, patch, post, type Schemas, type User } from "../../api/client";
import { useMe } from "../../api/queries";
import { Action } from "../../parts/action";
import { Field } from "../../parts/form";
import { Failed } from "../../parts/states";
import { complain, say } from "../../parts/toast";
import { nameRule, useSending } from "./form-state";

type Role = Schemas["Role"];
const roles: readonly (readonly [Role, string])[] = [["viewer", "looks"], ["member", "jobs in their projects"], ["operator", "nodes, templates, everybody's jobs"], ["admin", "everything"]];

export function PeoplePart() {
  const users = useQuery({ queryKey: ["access", "users"], queryFn: () => all<User>("/v1/users"), staleTime: 60_000 });
  const client = useQueryClient();
  const me = useMe();
  const may = me.data?.role === "admin";
  const [made, setMade] = useState<{ name: string; role: Role }>({ name: "", role: "member" });
  const form = useSending<"name" | "role">("access");
  if (!users.data) return users.error ? <Failed error={users.error} /> : null;
  const change = async (user: User, body: Schemas["ChangeUser"], done: string) => {
    await patch(`/v1/users/${user.name}`, body);
    say(done);
    await client.invalidateQueries({ queryKey: ["access"] });
  };
  return (
    <div className="admin">
      <section className="card f1" aria-label="People">
        <table>
          <thead><tr><th>person</th><th>role</th><th>state</th><th><span className="sr">what can be done</span></th></tr></thead>
          <tbody>
            {users.data.map((user) => (
              <tr key={user.id}>
                <td className="b">{user.name} {user.name === me.data?.user && <span className="mut" style={{ fontWeight: 400 }}>you</span>}</td>
                <td>
                  <select className="in" style={{ width: "auto", height: 26 }} aria-label={`Role of ${user.name}`} value={user.role} disabled={!may || user.name === me.data?.user}
                    onChange={(event) => void change(user, { role: event.target.value as Role }, `${user.name} is ${event.target.value}.`).catch(complain)}>
                    {roles.map(([role, what]) => <option key={role} value={role}>{role}: {what}</option>)}
                  </select>
                </td>
                <td>{user.disabled ? <span className="pill err">disabled</span> : <span className="pill ok">may sign in</span>}</td>
                <td className="r">
                  <Action className={`sm ${user.disabled ? "" : "danger"}`} disabled={!may || user.name === me.data?.user} why={may ? undefined : "An admin can do this"}
                    act={() => change(user, { disabled: !user.disabled }, user.disabled ? `${user.name} may sign in again.` : `${user.name}'s tokens open nothing from now on.`)}>
                    {user.disabled ? "Enable" : "Disable"}
                  </Action>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {may && (
        <section className="card side" aria-label="New person">
          <form className="col" style={{ gap: 10 }} onSubmit={(event) => { event.preventDefault(); void form.send(() => post("/v1/users", made), `${made.name} is a user: make them a token.`, "name").then((done) => done && setMade({ ...made, name: "" })); }}>
            <h2>New person</h2>
            <Field label="Name" hint={nameRule} error={form.wrongs.name}>{(field) => <input {...field} className="in" value={made.name} onChange={(event) => setMade({ ...made, name: event.target.value })} />}</Field>
            <Field label="Role" error={form.wrongs.role}>
              {(field) => (
                <select {...field} className="in" value={made.role} onChange={(event) => setMade({ ...made, role: event.target.value as Role })}>
                  {roles.map(([role, what]) => <option key={role} value={role}>{role}: {what}</option>)}
                </select>
              )}
            </Field>
            <button className="btn pri" style={{ alignSelf: "start" }} disabled={form.busy}>Make the user</button>
            <p className="hint">They sign in with a token of theirs; put them into a project under Teams.</p>
          </form>
        </section>
      )}
    </div>
  );
}
