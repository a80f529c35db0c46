// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { all, get } from "../../api/client";
import { useOwners } from "../../api/queries";
import { Empty, Failed } from "../../parts/states";
import { clockTime, duration } from "../../parts/time";
import { flowStates } from "./search";
import { StatePill, type Flow, type FlowRun } from "./state";

/** Runs of flows, new to old; and the flows themselves beside them. */
export function RunsTable({ runs }: { runs: FlowRun[] }) {
  const owners = useOwners();
  return (
    <table>
      <thead><tr><th>run</th><th>flow</th><th>state</th><th>who</th><th>started</th><th className="r">took</th><th>note</th></tr></thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.id}>
            <td className="m nw"><Link to="/flows/run/$run" params={{ run: run.id }} className="link">{run.id}</Link></td>
            <td className="nw"><Link to="/flows/run/$run" params={{ run: run.id }} className="b">{run.flow}</Link> <span className="mut t12">version {run.version}</span></td>
            <td className="nw"><StatePill state={run.state} /></td>
            <td className="nw"><i className={`sq ${owners.classOf(owners.teamOf(run.project))}`} /> {run.user} <span className="mut">{run.project}</span></td>
            <td className="nw">{clockTime(run.started)}</td>
            <td className="r nw">{run.ended === undefined ? `${duration(Date.now() * 1000 - run.started)} so far` : duration(run.ended - run.started)}</td>
            <td className="i2">{run.message ?? (run.rerun_of ? `repeats ${run.rerun_of}` : "")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function FlowsPage() {
  const search = useSearch({ from: "/shell/flows" });
  const navigate = useNavigate({ from: "/flows" });
  const query = new URLSearchParams({ limit: "200" });
  if (search.state) query.append("state", search.state);
  if (search.flow) query.append("flow", search.flow);
  const runs = useQuery({ queryKey: ["flow-runs", search], queryFn: ({ signal }) => get<{ items: FlowRun[] }>(`/v1/flow-runs?${query}`, signal), refetchInterval: 5000, placeholderData: (before) => before });
  const flows = useQuery({ queryKey: ["flows"], queryFn: ({ signal }) => all<Flow>("/v1/flows", 3, signal) });
  if (!runs.data || !flows.data) {
    const failed = runs.error ?? flows.error;
    return failed ? <Failed error={failed} again={() => void runs.refetch()} /> : <div className="skeleton" style={{ height: 320 }} />;
  }
  const filtered = Boolean(search.state ?? search.flow);
  return (
    <>
      <div className="head">
        <h1>Flows</h1>
        <div className="seg" role="group" aria-label="State">
          {flowStates.map(([state, word]) => (
            <button key={state} type="button" aria-pressed={search.state === state} onClick={() => void navigate({ search: ({ state: before, ...rest }) => (before === state ? rest : { ...rest, state }) })}>{word}</button>
          ))}
        </div>
        {search.flow && <button className="btn sm" onClick={() => void navigate({ search: ({ flow: _, ...rest }) => rest })}>of {search.flow} ×</button>}
        <span className="grow" />
        <Link className="btn" to="/flows/schedules">Schedules</Link>
        <Link className="btn pri" to="/flows/edit">New flow</Link>
      </div>
      {flows.data.length === 0 && runs.data.items.length === 0 && !filtered ? (
        <Empty title="No flow has been run yet">
          <p className="i2">A flow is a graph of steps, each with a compute list of its own: prepare on a whole GPU, train eighteen times on small slices, serve the best.</p>
          <Link className="btn pri" to="/flows/edit" search={{ example: true }}>Try the example flow</Link>
        </Empty>
      ) : (
        <div className="admin">
          <section className="card f1" aria-label="Runs">
            {runs.data.items.length === 0 ? <Empty title="No such run"><button className="btn" onClick={() => void navigate({ search: {} })}>Clear the filter</button></Empty> : <RunsTable runs={runs.data.items} />}
          </section>
          <section className="card side" aria-label="Flows">
            <h2>Flows</h2>
            <div className="lines">
              {flows.data.map((flow) => (
                <div key={`${flow.project}/${flow.name}`}>
                  <span className="grow"><Link to="/flows/of/$flow" params={{ flow: flow.name }} search={{ project: flow.project }} className="b">{flow.name}</Link> <span className="mut t12">{flow.project}</span></span>
                  <span className="mut t12 nw">version {flow.version}, {clockTime(flow.saved)}</span>
                </div>
              ))}
            </div>
          </section>
        </div>
      )}
    </>
  );
}
