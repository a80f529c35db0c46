// SPDX-License-Identifier: Apache-2.0
import { useRef, type CSSProperties, type KeyboardEvent } from "react";
import type { Job, Node } from "../../api/client";
import type { useOwners } from "../../api/queries";
import { GpuPicture } from "../../drawing/GpuPicture";
import { marksOf, slicesOf, type Activity, type Mark } from "../../drawing/marks";
import { clockTime, duration } from "../../parts/time";
import type { ColourBy } from "./search";

export interface Drawn {
  nodes: Node[];
  jobs: ReadonlyMap<number, Job>;
  owners: ReturnType<typeof useOwners>;
  activity: Activity;
  by: ColourBy;
  selected: string | undefined;
  onSelect: (what: Mark | string) => void;
}

/** What is wrong with a node, or worth knowing, in the fewest words. */
export function NodeMarks({ node }: { node: Node }) {
  const aside = node.gpus.reduce((sum, gpu) => sum + (gpu.state === "set_aside" ? 1 : gpu.slices.filter((slice) => slice.state === "set_aside").length), 0);
  return (
    <>
      {node.simulated && <span className="pill">simulated</span>}
      {node.draining && <span className="pill warn" title={node.drain_message}>draining →</span>}
      {node.state !== "ready" && <span className="pill err">{node.state === "joining" ? "joining" : `not heard from for ${duration(Date.now() * 1000 - node.since)}`}</span>}
      {aside > 0 && <span className="pill err">{aside} set aside</span>}
    </>
  );
}

function NodeCard({ node, jobs, owners, selected, onSelect, height }: Omit<Drawn, "nodes" | "by" | "activity"> & { node: Node; height: number }) {
  const all = node.gpus.reduce((sum, gpu) => sum + slicesOf(gpu), 0);
  const used = node.gpus.reduce(
    (sum, gpu) => sum + marksOf(node, gpu, jobs).reduce((on, mark) => on + (["active", "idle", "unknown", "cut"].includes(mark.state) ? mark.span : 0), 0), 0);
  return (
    <section className={`node ${node.state === "ready" ? "" : "gone"}`} aria-label={node.name}>
      <div className="nh">
        <h2 className="cut-off"><button onClick={() => onSelect(node.name)}>{node.name}</button></h2>
        <span className="mut t12 cut-off">{node.site}</span>
        <span className="grow" />
        <NodeMarks node={node} />
        <span className="t12 i2" title="memory slices in use, of all">
          <span className="b" style={{ color: "var(--ink)" }}>{used}</span> / {all}
        </span>
      </div>
      <div className="gpus">
        {node.gpus.map((gpu) => (
          <div className="gpu-row" key={gpu.index}>
            <button onClick={() => onSelect(`${node.name}/${gpu.index}`)} aria-label={`GPU ${gpu.index} of ${node.name}`}>{gpu.index}</button>
            <div className="f1">
              <GpuPicture node={node} gpu={gpu} jobs={jobs} owners={owners} selected={selected} onSelect={onSelect} height={height} />
            </div>
          </div>
        ))}
      </div>
    </section>
  );
}

/** Arrows walk the slices: left and right along a GPU and beyond, up and down to the slice over the same place. */
function walk(event: KeyboardEvent<HTMLElement>): void {
  const here = event.target as HTMLElement;
  if (!here.dataset.mark || !event.key.startsWith("Arrow")) return;
  const marks = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-mark]")];
  const at = marks.indexOf(here);
  let next: HTMLElement | undefined;
  if (event.key === "ArrowLeft") next = marks[at - 1];
  else if (event.key === "ArrowRight") next = marks[at + 1];
  else {
    const box = here.getBoundingClientRect();
    const middle = box.left + box.width / 2;
    const down = event.key === "ArrowDown";
    const rows = marks.filter((mark) => {
      const other = mark.getBoundingClientRect();
      return (down ? other.top > box.top + 4 : other.top < box.top - 4) && other.left <= middle && other.right >= middle;
    });
    next = down ? rows[0] : rows.at(-1);
  }
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function Legend({ jobs, owners }: Pick<Drawn, "jobs" | "owners">) {
  const held = new Map<string, number>();
  for (const job of jobs.values()) {
    const team = owners.teamOf(job.project);
    if (team) held.set(team, (held.get(team) ?? 0) + 1);
  }
  const box = (look: string, words: string, level = 0) => (
    <span>
      <i className={`v ${look}`} style={{ "--a": level } as CSSProperties} aria-hidden="true" />
      {words}
    </span>
  );
  return (
    <div className="row" style={{ justifyContent: "space-between", padding: "14px 0 0 16px", flexWrap: "wrap" }}>
      <div className="legend">
        {owners.order.filter((team) => held.has(team)).map((team) => (
          <span key={team}>
            <i className={`sq ${owners.classOf(team)} ${owners.notched(team) ? "notch" : ""}`} />
            {team} <span className="mut">{held.get(team)}</span>
          </span>
        ))}
      </div>
      <div className="legend">
        {box("team4 busy", "level = activity", 65)}
        {box("team4 idle", "idle")}
        {box("team4 unknown", "not measured")}
        {box("cut", "starting")}
        {box("ready", "ready")}
        {box("fr", "uncut")}
        {box("st", "stranded")}
      </div>
    </div>
  );
}

export function NodesView({ nodes, jobs, owners, by, selected, onSelect }: Drawn) {
  const area = useRef<HTMLDivElement>(null);
  const height = nodes.length > 6 ? 44 : 72;
  return (
    <div className={`card nodes by-${by}`} ref={area} onKeyDown={walk}>
      <div className="node-grid">
        {nodes.map((node) => <NodeCard key={node.id} node={node} jobs={jobs} owners={owners} selected={selected} onSelect={onSelect} height={height} />)}
      </div>
      <Legend jobs={jobs} owners={owners} />
      {nodes.some((node) => node.state !== "ready") && (
        <p className="hint" style={{ paddingLeft: 16 }}>
          Hollow: not heard from since {clockTime(Math.min(...nodes.filter((node) => node.state !== "ready").map((node) => node.since)))}. What ran there may run on.
        </p>
      )}
    </div>
  );
}
