// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { all, get } from "../../api/client";
import { Segmented } from "../../parts/form";
import { Failed } from "../../parts/states";
import { clockTime, count, duration } from "../../parts/time";
import { numberText } from "../../charts/numbers";
import { Curves } from "./Curves";
import { bestOf, cellOf, columnsOf, lessIsBetter, metricOf, type Experiment, type Run } from "./model";
import { Note } from "./Note";
import { Parallel } from "./Parallel";
import type { ExperimentSearch } from "./search";

const mostParts = 2; // of a thousand runs
const usualColumns = 7;

function Columns({ all: offered, chosen, onChange }: { all: string[]; chosen: string[]; onChange: (columns: string[]) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <span style={{ position: "relative" }}>
      <button type="button" className="btn sm" aria-expanded={open} onClick={() => setOpen(!open)}>Columns {chosen.length} of {offered.length}</button>
      {open && (
        <div className="menu scroll" role="group" aria-label="Columns" style={{ right: 0, top: 30, maxHeight: 320 }} onKeyDown={(event) => event.key === "Escape" && setOpen(false)}>
          {offered.map((column) => (
            <label key={column} className="check" style={{ display: "flex", padding: "4px 8px" }}>
              <input type="checkbox" checked={chosen.includes(column)} onChange={() => onChange(offered.filter((one) => (one === column ? !chosen.includes(one) : chosen.includes(one))))} />
              <span className="m">{column}</span>
            </label>
          ))}
        </div>
      )}
    </span>
  );
}

/** Runs that belong together: the best of them, curves over each other, what their parameters did, and a table of one's own columns. */
export function ExperimentPage() {
  const { experiment: id } = useParams({ from: "/shell/trials/$experiment" });
  const search = useSearch({ from: "/shell/trials/$experiment" });
  const navigate = useNavigate({ from: "/trials/$experiment" });
  const change = (changed: Partial<ExperimentSearch>) => void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...changed }).filter(([, value]) => value !== undefined)) as ExperimentSearch, replace: true });
  const experiment = useQuery({ queryKey: ["experiments", id], queryFn: ({ signal }) => get<Experiment>(`/v1/experiments/${id}`, signal) });
  const [filter, setFilter] = useState(search.filter ?? "");
  useEffect(() => {
    if (filter === (search.filter ?? "")) return;
    const typed = setTimeout(() => change({ filter: filter || undefined }), 400);
    return () => clearTimeout(typed);
  });
  const runs = useQuery({
    queryKey: ["experiments", id, "runs", search.filter],
    queryFn: ({ signal }) => all<Run>(`/v1/experiments/${id}/runs${search.filter ? `?filter=${encodeURIComponent(search.filter)}` : ""}`, mostParts, signal),
    refetchInterval: (query) => (query.state.data?.some((run) => run.state === "running") ? 5000 : 20_000),
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (!experiment.data || (!runs.data && !runs.error)) return experiment.error ? <Failed error={experiment.error} /> : <div className="skeleton" style={{ height: 320 }} />;
  const every = runs.data ?? [];
  const offered = columnsOf(every);
  const metrics = offered.filter((one) => one.startsWith("metrics.")).map((one) => one.slice(8));
  const metric = search.metric && metrics.includes(search.metric) ? search.metric : metrics.find((one) => !lessIsBetter(one)) ?? metrics[0] ?? "";
  const least = search.least ?? lessIsBetter(metric);
  const chosen = (search.columns?.split(",") ?? offered.filter((one) => !one.startsWith("tags.")).slice(0, usualColumns)).filter((one) => offered.includes(one));
  const best = bestOf(every, metric, least);
  const picked = new Set(search.picked?.split(",") ?? []);
  const pick = (run: string) => {
    const next = picked.has(run) ? [...picked].filter((one) => one !== run) : [...picked, run];
    change({ picked: next.length ? next.join(",") : undefined });
  };
  const sorted = [...every].sort((a, b) => {
    const [x, y] = [metricOf(a, metric), metricOf(b, metric)];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
    return least ? x - y : y - x;
  });
  return (
    <>
      <div className="head">
        <h1>{experiment.data.name}</h1>
        <span className="sub">{experiment.data.project}, {count(every.length)} runs, made {clockTime(experiment.data.made)} by {experiment.data.user}</span>
        <span className="grow" />
        {metrics.length > 0 && (
          <>
            <label className="row center t12 i2" style={{ gap: 6 }}>best by <select className="in mono" style={{ width: "auto", height: 28 }} value={metric} onChange={(event) => change({ metric: event.target.value, least: undefined })}>{metrics.map((one) => <option key={one}>{one}</option>)}</select></label>
            <Segmented label="Better is" value={least ? "least" : "most"} options={[["most", "more"], ["least", "less"]]} onChange={(word) => change({ least: word === "least" })} />
          </>
        )}
      </div>
      <Note of="experiment" id={id} tags={experiment.data.tags} />
      {best && (
        <div className="notice ok" data-testid="best">
          <b>{best.name}</b> is the best of {count(every.length)}: {metric} <b>{numberText(metricOf(best, metric))}</b>{Object.keys(best.params).length > 0 && <>, with {Object.entries(best.params).slice(0, 8).map(([name, value]) => `${name} ${value}`).join(", ")}</>}.
        </div>
      )}
      {metrics.length > 0 && (
        <div className="reports-middle">
          <section className="card" style={{ padding: "11px 14px" }} aria-label="Curves"><div className="row center" style={{ paddingBottom: 6 }}><h2>{metric}</h2><span className="sub t12">by step, {picked.size > 0 ? `${picked.size} picked` : "runs over each other"}; the best in black</span></div><Curves runs={sorted} metric={metric} best={best?.id} picked={picked} height={218} /></section>
          <section className="card" style={{ padding: "11px 14px" }} aria-label="Parameters"><div className="row center" style={{ paddingBottom: 6 }}><h2>Parameters</h2><span className="sub t12">each line a run; the stronger, the better</span></div><Parallel runs={every} metric={metric} least={least} picked={picked} onPick={pick} height={218} /></section>
        </div>
      )}
      <section className="card col" style={{ flex: 1, minHeight: 180 }} aria-label="Runs">
        <div className="ch">
          <h2>Runs</h2>
          <input className="in mono" style={{ width: 340, height: 26 }} data-search aria-label="Only runs for which holds" aria-invalid={Boolean(runs.error)} placeholder="metrics.loss < 0.3 AND params.model = 'tree'   /" value={filter} onChange={(event) => setFilter(event.target.value)} />
          {runs.error && <span className="wrong cut-off" role="alert">{runs.error.message}</span>}
          <span className="grow" />
          {picked.size > 0 && <button className="btn sm" onClick={() => change({ picked: undefined })}>Pick none</button>}
          <Columns all={offered} chosen={chosen} onChange={(columns) => change({ columns: columns.join(",") || undefined })} />
        </div>
        <div className="scroll f1" style={{ maxHeight: "60vh" }} tabIndex={0} role="group" aria-label="Table of runs">
          <table>
            <thead>
              <tr><th><span className="sr">picked</span></th><th>run</th><th>state</th>{chosen.map((column) => <th key={column} className={column.startsWith("metrics.") ? "r" : ""}>{column.startsWith("metrics.") ? <button type="button" className="sort" onClick={() => change({ metric: column.slice(8), least: undefined })}>{column.slice(8)}{metric === column.slice(8) ? (least ? " ↑" : " ↓") : ""}</button> : column.replace(/^(params|tags)\./, "")}</th>)}<th>started</th><th className="r">took</th><th className="r">job</th></tr>
            </thead>
            <tbody>
              {sorted.map((run) => (
                <tr key={run.id} className={picked.has(run.id) ? "on" : ""}>
                  <td><input type="checkbox" aria-label={`Pick ${run.name}`} checked={picked.has(run.id)} onChange={() => pick(run.id)} /></td>
                  <td className="b nw">{run.name}{run.id === best?.id && <span className="pill ok" style={{ marginLeft: 6 }}>best</span>}</td>
                  <td className="nw">{run.state}</td>
                  {chosen.map((column) => {
                    const cell = cellOf(run, column);
                    return <td key={column} className={column.startsWith("metrics.") ? `r ${column.slice(8) === metric ? "b" : ""}` : "m"}>{cell === undefined ? <span className="mut" title="not logged">?</span> : cell}</td>;
                  })}
                  <td className="nw">{clockTime(run.started)}</td>
                  <td className="r nw">{run.ended === undefined ? "" : duration(run.ended - run.started)}</td>
                  <td className="r">{run.attempt ? <Link to="/jobs/$job" params={{ job: run.attempt.split(".")[0]! }} className="link">{run.attempt.split(".")[0]}</Link> : ""}</td>
                </tr>
              ))}
            </tbody>
          </table>
          {sorted.length === 0 && <p className="hint" style={{ padding: "0 14px 12px" }}>{search.filter ? "No run for which this holds." : "No run yet."}</p>}
        </div>
      </section>
    </>
  );
}
