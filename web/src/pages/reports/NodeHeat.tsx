// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import type { Pool } from "../../api/client";
import { useMeasured, type Measured } from "../../api/metrics";
import { usePool } from "../../api/queries";
import { HeatMap, type HeatRow } from "../../charts/HeatMap";
import { percent } from "../../charts/numbers";
import { Segmented } from "../../parts/form";
import { clockTime } from "../../parts/time";
import { spanOf, type ReportsSearch } from "./search";

/** How many memory slices a profile takes, as the boards of the pool say; a placement's profile is before its "@". */
export function spanOfProfile(pool: Pool | undefined, profile: string): { span: number; of: number } {
  for (const board of pool?.boards ?? []) {
    const found = board.profiles.find((one) => one.name === profile);
    if (found) return { span: found.memory_slices, of: board.memory_slices };
  }
  return { span: 1, of: 8 };
}

/** A row for each life of each slice. Where its memory was measured and its activity was not, it was there and nothing is known of it. */
export function heatRows(pool: Pool | undefined, activity: Measured | undefined, memory: Measured | undefined): HeatRow[] {
  const keyOf = (labels: Record<string, string>) => [labels.gpu, labels.slice ?? "", labels.born ?? "", labels.uuid].join(" ");
  const rows = new Map<string, { labels: Record<string, string>; values: Map<number, number | undefined> }>();
  for (const [answer, measured] of [[memory, false], [activity, true]] as const)
    for (const group of answer?.groups ?? []) {
      const { kind, gpu } = group.labels;
      if (gpu === undefined || (kind !== "instance" && (kind !== "gpu" || !measured))) continue;
      const key = keyOf(group.labels);
      const row = rows.get(key) ?? { labels: group.labels, values: new Map() };
      group.at.forEach((at, n) => row.values.set(at, measured ? group.values[n] : row.values.get(at)));
      rows.set(key, row);
    }
  return [...rows.values()]
    .map(({ labels, values }) => {
      const at = [...values.keys()].sort((a, b) => a - b);
      const [profile = "", start = "0"] = (labels.slice ?? "").split("@");
      const place = labels.slice ? { start: Number(start), ...spanOfProfile(pool, profile) } : { start: 0, span: 1, of: 1 };
      return { row: Number(labels.gpu), name: `GPU ${labels.gpu}${labels.slice ? `, ${labels.slice}` : ""}`, ...place, at, values: at.map((time) => values.get(time)) };
    })
    .sort((a, b) => a.row - b.row || b.span / b.of - a.span / a.of || a.start - b.start);
}

const known = (values: (number | undefined)[]): number[] => values.filter((one) => one !== undefined);

/** Every slice of one node over time. */
export function NodeHeat({ search, onNode }: { search: ReportsSearch; onNode: (node: string) => void }) {
  const pool = usePool();
  const [view, setView] = useState<"picture" | "table">("picture");
  const nodes = pool.data?.nodes.filter((node) => node.gpus.length > 0) ?? [];
  const node = nodes.find((one) => one.name === search.node) ?? nodes[0];
  const span = () => spanOf(search, 10e6);
  const key = `${search.since ?? search.range ?? "24h"}-${search.until ?? ""}`;
  const asked = { by: "series", node: node?.name ?? "" };
  const activity = useMeasured({ metric: "activity", ...asked }, span, key, node !== undefined);
  const memory = useMeasured({ metric: "memory_used", ...asked }, span, key, node !== undefined);
  const rows = heatRows(pool.data, activity.data, memory.data);
  const shown = activity.data ?? span();
  return (
    <section className="card col" style={{ padding: "11px 14px" }} aria-label="Every slice of a node over time">
      <div className="row center" style={{ gap: 8, paddingBottom: 6 }}>
        <select className="in" style={{ width: "auto", height: 24, fontWeight: 600, padding: "0 4px" }} aria-label="Node" value={node?.name ?? ""} onChange={(event) => onNode(event.target.value)}>
          {nodes.map((one) => <option key={one.id}>{one.name}</option>)}
        </select>
        <span className="sub t12 nw cut-off">every slice</span>
        <span className="grow" />
        <span className="t11 i2 nw heat-scale">0 <i /> 100 %</span>
        <span className="t11 i2 nw heat-scale"><i className="p-unknown" /> not measured</span>
        <Segmented label="How it is shown" value={view} options={[["picture", "Picture"], ["table", "Table"]]} onChange={setView} />
      </div>
      {activity.error ? <p className="notice">{activity.error.message}</p>
      : view === "picture" ? (
        <HeatMap title={`Activity of every slice of ${node?.name ?? "no node"}`} rows={rows} names={node?.gpus.map((gpu) => `GPU ${gpu.index}`) ?? []} since={shown.since} until={shown.until} step={shown.step} known={activity.data !== undefined} height={278} />
      ) : (
        <div className="scroll" style={{ height: 278 }} tabIndex={0}>
          <table>
            <thead><tr><th>slice</th><th>from</th><th>to</th><th className="r">mean activity</th><th className="r">highest</th></tr></thead>
            <tbody>
              {rows.map((row, at) => {
                const values = known(row.values);
                return (
                  <tr key={at}>
                    <td className="m">{row.name}</td>
                    <td>{clockTime(row.at[0])}</td>
                    <td>{clockTime((row.at.at(-1) ?? 0) + shown.step)}</td>
                    <td className="r">{values.length ? percent(values.reduce((sum, one) => sum + one, 0) / values.length) : <span className="mut">? not measured</span>}</td>
                    <td className="r">{values.length ? percent(Math.max(...values)) : ""}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
