// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { get } from "../../api/client";
import { CopyButton } from "../../parts/copy";
import { Failed } from "../../parts/states";
import { clockTime } from "../../parts/time";
import { needsOf } from "./definition";
import { toYaml } from "./yaml";
import { RunsTable } from "./FlowsPage";
import { Graph } from "./Graph";
import { Outline } from "./Outline";
import { useFlow } from "./useFlow";
import { StartDialog } from "./StartDialog";
import type { FlowRun } from "./state";

/** One flow: its graph with each step's list, the same as YAML beside it, its versions and its runs. */
export function FlowPage() {
  const { flow: name } = useParams({ from: "/shell/flows/of/$flow" });
  const { project, version } = useSearch({ from: "/shell/flows/of/$flow" });
  const navigate = useNavigate({ from: "/flows/of/$flow" });
  const [starting, setStarting] = useState(false);
  const newest = useFlow(name, project);
  const shown = useFlow(name, project, version ?? newest.data?.flow.version);
  const runs = useQuery({ queryKey: ["flow-runs", "of", name, project], queryFn: ({ signal }) => get<{ items: FlowRun[] }>(`/v1/flow-runs?limit=100&flow=${encodeURIComponent(name)}${project ? `&project=${encodeURIComponent(project)}` : ""}`, signal), refetchInterval: 5000 });
  const data = shown.data ?? newest.data;
  if (!data) return newest.error ? <Failed error={newest.error} again={() => void newest.refetch()} /> : <div className="skeleton" style={{ height: 320 }} />;
  const { flow, definition } = data;
  const latest = newest.data?.flow.version ?? flow.version;
  const yaml = toYaml(definition);
  return (
    <>
      <div className="head">
        <h1>{flow.name}</h1>
        <select className="in" style={{ width: "auto", height: 26 }} aria-label="Version" value={flow.version} onChange={(event) => void navigate({ search: (before) => ({ ...before, version: Number(event.target.value) }) })}>
          {Array.from({ length: latest }, (_, at) => latest - at).map((one) => <option key={one} value={one}>version {one}{one === latest ? ", newest" : ""}</option>)}
        </select>
        <span className="sub">{flow.project}, saved {clockTime(flow.saved)} by {flow.by}</span>
        <span className="grow" />
        <Link className="btn" to="/flows/schedules" search={{ flow: flow.name, project: flow.project }}>Schedules</Link>
        <Link className="btn" to="/flows/edit" search={{ flow: flow.name, project: flow.project }}>Edit</Link>
        <button className="btn pri" onClick={() => setStarting(true)}>Run</button>
      </div>
      {definition.description && <p className="i2">{definition.description}</p>}
      <div className="flow-split">
        <section className="card graph-card" aria-label="Steps">
          <Graph label={`Steps of ${flow.name}`} steps={Object.keys(definition.components).map((one) => ({ name: one, needs: needsOf(one, definition) }))}>
            {(one) => (
              <section className="card step" aria-label={`Step ${one}`}>
                <div className="row center" style={{ gap: 8 }}><span className="b">{one}</span><span className="mut t12">{definition.components[one]!.kind ?? "job"}</span></div>
                <Outline component={definition.components[one]!} />
              </section>
            )}
          </Graph>
        </section>
        <section className="card yaml" aria-label="The same as YAML">
          <div className="ch"><h2>YAML</h2><span className="sub t12">nav flow run {flow.name}.yaml</span><span className="grow" /><CopyButton text={yaml} /></div>
          <pre tabIndex={0} data-testid="yaml">{yaml}</pre>
        </section>
      </div>
      <section className="card scroll f1" style={{ minHeight: 140 }} aria-label="Its runs">
        <div className="ch"><h2>Its runs</h2></div>
        {runs.data && runs.data.items.length > 0 ? <RunsTable runs={runs.data.items} /> : <p className="hint" style={{ padding: "0 14px 12px" }}>It has not run yet.</p>}
      </section>
      {starting && <StartDialog definition={definition} kept={{ version: flow.version }} project={flow.project} onClose={() => setStarting(false)} />}
    </>
  );
}
