// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, patch, type Schemas } from "../../api/client";
import { useMe, useOwners } from "../../api/queries";
import { numberText, percent } from "../../charts/numbers";
import { Dialog } from "../../parts/dialog";
import { Field } from "../../parts/form";
import { Failed } from "../../parts/states";
import { count, duration, memory } from "../../parts/time";
import { useSending } from "./form-state";
import { depths, numbersOf, typedOf, type Account, type Usage, type UserUse } from "./quota";

const quotaFields = [
  ["slices", "Its own slices", "Given to others only while idle, and given back. Empty: nothing is its own."],
  ["memory_mib", "Its own memory, GiB", "The same in GPU memory."],
  ["borrow_slices", "May borrow, slices", "Beyond its own. Empty: whatever is idle; 0: none."],
  ["borrow_memory_mib", "May borrow, GiB", "The same in GPU memory."],
  ["lend_slices", "Lends, slices", "Of its own while idle. Empty: all; 0: none."],
  ["weight", "Weight", "Its part of the fair share among its neighbours."],
  ["priority_ceiling", "Highest priority", "Its jobs may ask for this at most."],
] as const satisfies readonly (readonly [keyof Schemas["Quota"], string, string])[];
const limitFields = [["slices", "Slices in use", ""], ["running", "Jobs that run", ""], ["queued", "Jobs that wait", "A submission beyond is refused."]] as const satisfies readonly (readonly [keyof Schemas["UserLimits"], string, string])[];

/** Changes a few numbers of one account or user at once; what is empty is no limit. */
function Limits({ title, fields, now, change, onClose }: {
  title: string;
  fields: readonly (readonly [string, string, string])[];
  now: Record<string, number | null | undefined> | null | undefined;
  change: (numbers: Record<string, number>) => Promise<unknown>;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState(() => typedOf(fields.map(([field]) => field), now));
  const [tried, setTried] = useState(false);
  const form = useSending<string>("usage");
  const { numbers, wrongs } = numbersOf(typed, { weight: 1 });
  const save = async () => {
    setTried(true);
    if (Object.keys(wrongs).length === 0 && (await form.send(() => change(numbers), `${title}: it holds from now on.`, "slices"))) onClose();
  };
  const refused = Object.fromEntries(Object.entries(form.wrongs).map(([field, words]) => [field === "quota" || field === "limits" ? "slices" : field, words]));
  return (
    <Dialog title={title} onClose={onClose} foot={<button className="btn pri" disabled={form.busy} onClick={() => void save()}>Set it</button>}>
      <p className="hint">A whole A100 is 7 compute slices. What is less than is in use stops nothing: then nothing is begun beyond it.</p>
      <div className="fields">
        {fields.map(([field, label, hint]) => (
          <Field key={field} label={label} hint={hint} error={tried ? wrongs[field] ?? refused[field] : undefined}>
            {(own) => <input {...own} className="in" inputMode="numeric" placeholder={field === "weight" ? "1" : "no limit"} value={typed[field] ?? ""} onChange={(event) => setTyped({ ...typed, [field]: event.target.value })} />}
          </Field>
        ))}
      </div>
    </Dialog>
  );
}

/** What it has in use of its own and beyond it, on the scale of the whole pool. */
function Bar({ account, capacity, teamClass }: { account: Account; capacity: number; teamClass: string }) {
  const part = (slices: number) => `${(100 * Math.min(slices, capacity)) / Math.max(1, capacity)}%`;
  const own = account.quota?.slices;
  const within = account.slices - account.borrowed_slices;
  return (
    <div className={`quota-bar ${teamClass}`} role="img" aria-label={`${account.slices} slices in use${own === undefined || own === null ? "" : ` of its own ${own}`}${account.borrowed_slices ? `, ${account.borrowed_slices} borrowed` : ""}`}>
      {own !== undefined && own !== null && <i className="own" style={{ width: part(own) }} />}
      <i className="used" style={{ width: part(within) }} />
      {account.borrowed_slices > 0 && <i className="borrowed" style={{ left: part(within), width: part(account.borrowed_slices) }} />}
    </div>
  );
}

const most = (value: number | null | undefined): string => (value === undefined || value === null ? "" : ` of ${count(value)}`);

/** Who may use how much, and does: the tree of teams with their quotas, and people with their limits. */
export function QuotasPart() {
  const owners = useOwners();
  const me = useMe();
  const may = me.data?.role === "admin";
  const usage = useQuery({ queryKey: ["usage"], queryFn: ({ signal }) => get<Usage>("/v1/usage", signal), refetchInterval: 5000 });
  const [account, setAccount] = useState<Account>();
  const [user, setUser] = useState<UserUse>();
  if (!usage.data) return usage.error ? <Failed error={usage.error} again={() => void usage.refetch()} /> : <div className="skeleton" style={{ height: 320 }} />;
  const { accounts, users, capacity_slices: capacity, slices, memory_mib: used, capacity_memory_mib: all, half_life: halfLife } = usage.data;
  const depth = depths(accounts);
  const teamOf = (one: Account) => (one.kind === "team" ? one.name : one.parent);
  return (
    <>
      <div className="sub">{count(slices)} of {count(capacity)} compute slices and {memory(used)} of {memory(all)} of GPU memory are in use. What was spent counts half after {duration(halfLife)}.</div>
      <div className="admin">
        <section className="card f1" aria-label="Teams and projects">
          <table>
            <thead><tr><th>team, project</th><th style={{ width: "26%" }}>in use, of the pool</th><th className="r">slices</th><th className="r">borrowed</th><th className="r">lent</th><th className="r">running</th><th className="r" title="Slice-hours, each worth half after every half-life">spent</th><th className="r" title="Of what it and its neighbours have spent">share</th><th className="r">weight</th><th><span className="sr">what can be done</span></th></tr></thead>
            <tbody>
              {accounts.map((one) => (
                <tr key={`${one.kind} ${one.name}`}>
                  <td className={one.kind === "team" ? "b nw" : "nw"} style={{ paddingLeft: 10 + 18 * (depth.get(`${one.kind} ${one.name}`) ?? 0) }}>
                    <i className={`sq ${owners.classOf(teamOf(one))} ${owners.notched(teamOf(one)) ? "notch" : ""}`} /> {one.name}
                  </td>
                  <td><Bar account={one} capacity={capacity} teamClass={owners.classOf(teamOf(one))} /></td>
                  <td className="r b nw">{count(one.slices)}{most(one.quota?.slices)}</td>
                  <td className="r">{one.borrowed_slices || ""}</td>
                  <td className="r">{one.lent_slices || ""}</td>
                  <td className="r">{one.running || ""}</td>
                  <td className="r">{numberText(one.spent)}</td>
                  <td className="r">{percent(one.share)}</td>
                  <td className="r">{one.quota?.weight ?? 1}</td>
                  <td className="r">{may && <button className="btn sm" aria-label={`Quota of ${one.name}`} onClick={() => setAccount(one)}>{one.quota ? "Change" : "Set a quota"}</button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        <section className="card side" style={{ width: 380 }} aria-label="People">
          <h2>People</h2>
          <table>
            <thead><tr><th>person</th><th className="r">slices</th><th className="r">run</th><th className="r">wait</th><th><span className="sr">what can be done</span></th></tr></thead>
            <tbody>
              {users.map((one) => (
                <tr key={one.name}>
                  <td className="b">{one.name}</td>
                  <td className="r nw">{one.slices}{most(one.limits?.slices)}</td>
                  <td className="r nw">{one.running}{most(one.limits?.running)}</td>
                  <td className="r nw">{one.queued}{most(one.limits?.queued)}</td>
                  <td className="r">{may && <button className="btn sm" aria-label={`Limits of ${one.name}`} onClick={() => setUser(one)}>{one.limits ? "Change" : "Limit"}</button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p className="hint">Those who use something or have limits. Limits hold over all projects.</p>
        </section>
      </div>
      {account && <Limits title={`Quota of ${account.name}`} fields={quotaFields} now={account.quota as Record<string, number> | null | undefined} change={(quota) => (account.kind === "team" ? patch(`/v1/teams/${encodeURIComponent(account.name)}`, { quota }) : patch(`/v1/projects/${encodeURIComponent(account.name)}`, { quota }))} onClose={() => setAccount(undefined)} />}
      {user && <Limits title={`Limits of ${user.name}`} fields={limitFields} now={user.limits as Record<string, number> | null | undefined} change={(limits) => patch(`/v1/users/${encodeURIComponent(user.name)}`, { limits })} onClose={() => setUser(undefined)} />}
    </>
  );
}
