// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { numberText } from "../../charts/numbers";
import { duration } from "../../parts/time";
import type { Component } from "./definition";
import { climbedTo, type FlowTrial, type RunComponent } from "./state";

const stateWords: Record<FlowTrial["state"], string> = { queued: "waits", starting: "starting", running: "running", succeeded: "done", failed: "failed", cancelled: "cancelled", lost: "lost" };

/** The trials of a step, the best first where it says what the best is. */
export function TrialTable({ component, definition, chosen, onTrial }: { component: RunComponent; definition: Component | undefined; chosen: number | undefined; onTrial: (number: number) => void }) {
  const parameters = [...new Set(component.trials.flatMap((trial) => Object.keys(trial.parameters)))].filter((name) => component.kind === "job" || name in (definition?.grid ?? {}) || name in (definition?.random ?? {}));
  const metrics = [...new Set(component.trials.flatMap((trial) => Object.keys(trial.metrics)))].sort((a, b) => Number(b === definition?.metric) - Number(a === definition?.metric));
  const [by, setBy] = useState<string>();
  const order = by ?? definition?.metric ?? "";
  const down = definition?.goal !== "min" || order !== definition.metric;
  const sorted = [...component.trials].sort((a, b) => {
    const [x, y] = [a.metrics[order], b.metrics[order]];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined) || a.number - b.number;
    return (down ? y - x : x - y) || a.number - b.number;
  });
  const reach = (name: string) => Math.max(1e-12, ...component.trials.map((trial) => Math.abs(trial.metrics[name] ?? 0)));
  return (
    <table>
      <thead>
        <tr>
          <th>trial</th>
          {parameters.map((name) => <th key={name}>{name}</th>)}
          {metrics.map((name) => (
            <th key={name} aria-sort={order === name ? (down ? "descending" : "ascending") : "none"}><button type="button" className="sort" onClick={() => setBy(name)}>{name}{order === name ? (down ? " ↓" : " ↑") : ""}</button></th>
          ))}
          <th>state</th><th>on</th><th>place</th><th className="r">ran</th><th className="r">job</th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((trial) => (
          <tr key={trial.number} className={chosen === trial.number ? "on" : ""} onClick={() => onTrial(trial.number)}>
            <td className="b">{trial.number}{component.best === trial.number && <span className="pill ok" style={{ marginLeft: 6 }}>best</span>}</td>
            {parameters.map((name) => <td key={name} className="m">{trial.parameters[name]}</td>)}
            {metrics.map((name, at) => (
              <td key={name} className="nw">
                {trial.metrics[name] === undefined ? <span className="mut">?</span> : <><span className={at === 0 ? "b" : ""}>{numberText(trial.metrics[name])}</span>
                  {at === 0 && <svg width="72" height="6" style={{ marginLeft: 8 }} aria-hidden="true"><rect width={(72 * Math.abs(trial.metrics[name])) / reach(name)} height="6" rx="2" fill="var(--team4)" /></svg>}</>}
              </td>
            ))}
            <td title={trial.message}>{trial.stopped_early ? <><span className="pill warn">stopped early</span><div className="mut t11 early-why">{trial.stopped_early}</div></> : <span className="nw">{stateWords[trial.state]}</span>}</td>
            <td className="nw"><span className="m">{trial.on ?? ""}</span> {climbedTo(trial, definition?.on ?? []) && <span className="pill" title="Memory ran out on what its list has: it began anew here">climbed</span>}</td>
            <td className="m nw t11" title={trial.instance_uuid}>{trial.node ? `${trial.node} ${trial.place ?? ""}` : ""}</td>
            <td className="r nw">{trial.started === undefined ? "" : duration((trial.ended ?? Date.now() * 1000) - trial.started)}</td>
            <td className="r"><Link to="/jobs/$job" params={{ job: String(trial.job) }} className="link">{trial.job}</Link></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
