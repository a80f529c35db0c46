// SPDX-License-Identifier: Apache-2.0
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { Pool } from "../../api/client";
import { useActivity } from "../../api/activity";
import { has } from "../../api/paths";
import { useHolders, useMe, useOwners, usePool } from "../../api/queries";
import { sumsOf, type Mark, type MarkState, type Sums } from "../../drawing/marks";
import { Segmented } from "../../parts/form";
import { FirstSteps, useNothingYet } from "../../parts/FirstSteps";
import { Failed } from "../../parts/states";
import { count } from "../../parts/time";
import { FirstRun } from "./FirstRun";
import { NodesView } from "./NodesView";
import type { PoolView } from "./search";
import { SidePanel } from "./SidePanel";

const FleetView = lazy(() => import("./FleetView"));
const ListView = lazy(() => import("./ListView"));

/** Above this many GPUs the pool is drawn as a fleet unless one asks otherwise. */
const manyGpus = 160;

const parts: [MarkState | "gone", string, string][] = [
  ["active", "active", "p-active"], ["idle", "idle", "p-idle"], ["unknown", "in use, not measured", "p-unknown"], ["cut", "starting", "p-cut"], ["ready", "ready", "p-ready"],
  ["free", "uncut", "p-free"], ["stranded", "stranded", "p-stranded"], ["aside", "set aside", "p-aside"], ["gone", "not heard from", "p-gone"],
];

/** The whole pool in one bar. */
function SumBar({ sums }: { sums: Sums }) {
  const shown = parts.filter(([state]) => sums[state] > 0);
  return (
    <div className="col" style={{ gap: 8 }}>
      <div className="sums" aria-hidden="true">
        {shown.map(([state, , look]) => <i key={state} className={look} style={{ flex: sums[state] }} />)}
      </div>
      <div className="sum-list" data-testid="sums">
        {shown.map(([state, words, look]) => (
          <span key={state}>
            <i className={look} />
            <span className="b">{count(sums[state])}</span> <span className="i2">{words}</span>
          </span>
        ))}
      </div>
    </div>
  );
}

function about(pool: Pool, slices: number): string {
  const gpus = pool.boards.reduce((sum, board) => sum + board.gpus, 0);
  const models = pool.boards.map((board) => `${count(board.gpus)} ${board.model.replace(/^NVIDIA /, "")}`);
  const nodes = `${count(pool.nodes.length)} ${pool.nodes.length === 1 ? "node" : "nodes"}`;
  if (gpus === 0) return `${nodes}, no GPUs`;
  return `${nodes}, ${models.length <= 2 ? models.join(", ") : `${count(gpus)} GPUs`}, ${count(slices)} memory slices`;
}

export function PoolPage() {
  const pool = usePool();
  const jobs = useHolders();
  const owners = useOwners();
  const activity = useActivity();
  const search = useSearch({ from: "/shell/pool" });
  const navigate = useNavigate({ from: "/pool" });
  const me = useMe();
  const nothingYet = useNothingYet(jobs.size === 0);
  if (!pool.data) return pool.error ? <Failed error={pool.error} again={() => void pool.refetch()} /> : <div className="skeleton" style={{ height: 320 }} />;

  const nodes = pool.data.nodes.filter((node) => node.gpus.length > 0);
  if (nodes.length === 0) return <FirstRun nodes={pool.data.nodes} />;
  const sums = sumsOf(nodes, jobs, activity);
  const all = Object.values(sums).reduce((sum, one) => sum + one, 0);
  const gpus = nodes.reduce((sum, node) => sum + node.gpus.length, 0);
  const view: PoolView = search.view ?? (gpus > manyGpus ? "fleet" : "nodes");
  const select = (sel: string | undefined) => void navigate({ search: ({ sel: _, ...rest }) => (sel ? { ...rest, sel } : rest), replace: true });
  const drawn = { nodes, jobs, owners, activity, by: search.by ?? "team", selected: search.sel, onSelect: (mark: Mark | string) => select(typeof mark === "string" ? mark : mark.key) };
  return (
    <>
      <div className="head">
        <h1>Pool</h1>
        <span className="sub">{about(pool.data, all)}</span>
        <span className="grow" />
        <Segmented label="How the pool is drawn" value={view} options={[["fleet", "Fleet"], ["nodes", "Nodes"], ["list", "List"]]}
          onChange={(chosen) => void navigate({ search: (before) => ({ ...before, view: chosen }) })} />
        <Segmented label="Colour by" value={search.by ?? "team"} options={[["team", "Team"], ["activity", "Activity"]]}
          onChange={(chosen) => void navigate({ search: (before) => ({ ...before, by: chosen }), replace: true })} />
        {me.data?.role === "admin" && has("/v1/pool/defragment") && <Link className="btn" to="/pool/defragment">Defragment…</Link>}
        <Link className="btn" to="/admin/$part" params={{ part: "nodes" }}>Add a node</Link>
      </div>
      <SumBar sums={sums} />
      {nothingYet && (
        <section className="first-steps" aria-label="First steps">
          <h2>Nothing has run here yet</h2>
          <FirstSteps />
        </section>
      )}
      <div className="pool">
        <Suspense fallback={<div className="card nodes" />}>
          {view === "fleet" ? <FleetView {...drawn} onOpen={(node) => void navigate({ search: { view: "nodes", sel: node } })} />
          : view === "list" ? <ListView {...drawn} />
          : <NodesView {...drawn} />}
        </Suspense>
        {search.sel && <SidePanel selection={search.sel} pool={pool.data} jobs={jobs} owners={owners} onClose={() => select(undefined)} onSelect={select} />}
      </div>
    </>
  );
}
