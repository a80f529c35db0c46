// SPDX-License-Identifier: Apache-2.0
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { marksOf, stateWords, type Mark } from "../../drawing/marks";
import type { Drawn } from "./NodesView";

const columns = { gridTemplateColumns: "minmax(110px, 1fr) 46px minmax(110px, 1fr) minmax(120px, 1.4fr) minmax(80px, 1fr) minmax(80px, 1fr) minmax(110px, 1fr)" };

/** The same pool as a table: every instance, for readers by ear and for who looks for one. */
export default function ListView({ nodes, jobs, owners, activity, selected, onSelect }: Drawn) {
  const rows = useMemo(() => {
    const out: { node: string; gpu: number; mark: Mark }[] = [];
    for (const node of nodes)
      for (const gpu of node.gpus)
        for (const mark of marksOf(node, gpu, jobs, activity)) if (mark.whole || mark.placement) out.push({ node: node.name, gpu: gpu.index, mark });
    return out;
  }, [nodes, jobs, activity]);
  const body = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => body.current, estimateSize: () => 34, overscan: 12 });
  return (
    <div className="card grid-table f1" role="table" aria-label="Instances of the pool" aria-rowcount={rows.length + 1}>
      <div className="g-head" role="row" style={columns}>
        {["node", "GPU", "placement", "job", "team", "who", "state"].map((word) => <span role="columnheader" key={word}>{word}</span>)}
      </div>
      <div className="g-body" ref={body} tabIndex={0} role="rowgroup">
        <div style={{ height: virtual.getTotalSize() }} role="presentation">
          {virtual.getVirtualItems().map((item) => {
            const { node, gpu, mark } = rows[item.index]!;
            const job = mark.job === undefined ? undefined : jobs.get(mark.job);
            const team = owners.teamOf(job?.project);
            return (
              <div key={mark.key} role="row" aria-rowindex={item.index + 2} className={`g-row ${selected === mark.key ? "on" : ""}`}
                style={{ ...columns, transform: `translateY(${item.start}px)` }} onClick={() => onSelect(mark)}>
                <span role="cell" className="cut-off"><button className="btn sm quiet" style={{ padding: 0 }} onClick={() => onSelect(mark)}>{node}</button></span>
                <span role="cell">{gpu}</span>
                <span role="cell" className="m cut-off">{mark.placement ?? "whole GPU"}</span>
                <span role="cell" className="cut-off">{job?.name ?? (mark.job === undefined ? "" : `job ${mark.job}`)}</span>
                <span role="cell" className="cut-off">{team && <><i className={`sq ${owners.classOf(team)}`} /> {team}</>}</span>
                <span role="cell" className="cut-off">{job?.user}</span>
                <span role="cell" className="cut-off">{mark.reason ?? (mark.state === "unknown" ? "in use, not measured" : mark.activity === undefined ? stateWords[mark.state] : `${stateWords[mark.state]}, ${Math.round(mark.activity)} %`)}</span>
              </div>
            );
          })}
          {rows.length === 0 && <p className="mut" style={{ padding: 14 }}>No GPU of this pool is cut or held at the moment.</p>}
        </div>
      </div>
    </div>
  );
}
