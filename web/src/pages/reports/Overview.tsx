// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import { useMeasured, type Measured } from "../../api/metrics";
import { numberText, percent } from "../../charts/numbers";
import { Spark } from "../../charts/Spark";
import { Stack, type Fill } from "../../charts/Stack";
import { Segmented } from "../../parts/form";
import { duration } from "../../parts/time";
import { AdviceCard } from "./AdviceReport";
import { useAdvice } from "./advice";
import { NodeHeat } from "./NodeHeat";
import type { Report } from "./report";
import { useReport } from "./ReportsPage";
import { Rows, useInks } from "./ReportTable";
import { groups, spanOf, usualAge, type Group, type ReportsSearch } from "./search";
import { Waiting } from "./Waiting";

const oneOf = (answer: Measured | undefined) => answer?.groups[0];
const sumOf = (answer: Measured | undefined, at: number | undefined): number =>
  (answer?.groups ?? []).reduce((sum, group) => sum + (group.values[group.at.indexOf(at ?? -1)] ?? 0), 0);

function Tile({ title, children, note, series, span, ink }: {
  title: string;
  children: ReactNode;
  note: ReactNode;
  series?: { at: number[]; values: number[] } | undefined;
  span: { since: number; until: number; step: number };
  ink?: string;
}) {
  return (
    <section className="card tile" aria-label={title}>
      <div className="row" style={{ gap: 8 }}>
        <div className="f1">
          <div className="i2">{title}</div>
          <div className="figure">{children}</div>
        </div>
        {series && series.at.length > 1 && <Spark {...series} {...span} {...(ink ? { ink } : {})} />}
      </div>
      <div className="mut t12 cut-off">{note}</div>
    </section>
  );
}

/** All of it in one look: how much of the pool is used, by whom, what stands idle and why, what waits, what it costs. */
export function Overview({ search, usage, by, onChange }: { search: ReportsSearch; usage: Report; by: Group; onChange: (changed: Partial<ReportsSearch>) => void }) {
  const span = () => spanOf(search);
  const key = `${search.since ?? search.range ?? "24h"}-${search.until ?? ""}`;
  const held = useMeasured({ metric: "held", by }, span, key);
  const capacity = useMeasured({ metric: "capacity" }, span, key);
  const idle = useMeasured({ metric: "idle" }, span, key);
  const stranded = useMeasured({ metric: "stranded" }, span, key);
  const loss = useMeasured({ metric: "loss" }, span, key);
  const aside = useMeasured({ metric: "set_aside" }, span, key);
  const cutting = useMeasured({ metric: "reconfiguring" }, span, key);
  const activity = useMeasured({ metric: "activity" }, span, key);
  const waiting = useMeasured({ metric: "waiting" }, span, key);
  const waits = useReport("waiting", search, "template");
  const cost = useReport("cost", search, "team");
  const advice = useAdvice(search.age ?? usualAge);
  const ink = useInks(by);

  const whole = oneOf(capacity.data) ?? { at: [], values: [] };
  const shown = capacity.data ?? { ...span() };
  const last = whole.at.at(-1);
  const size = whole.values.at(-1);
  const known = size !== undefined;
  const all = { at: whole.at, values: whole.at.map((at) => sumOf(held.data, at)) };
  const inUse = sumOf(held.data, last);
  const average = (of: number[]) => of.reduce((sum, one) => sum + one, 0) / Math.max(1, of.length);
  const busy = oneOf(activity.data);
  const busyNow = busy && busy.at.at(-1) === last ? busy.values.at(-1) : undefined;
  const queue = oneOf(waiting.data);
  const { mean_wait: meanWait, longest_wait: longest } = waits.data?.total.numbers ?? {};
  const money = cost.data?.total.numbers.cost;
  const priced = money !== undefined && !cost.data?.notes.some((note) => note.startsWith("No template"));
  const zeroed = (answer: Measured | undefined) => ({ at: whole.at, values: whole.at.map((at) => sumOf(answer, at)) });
  const strandedNow = sumOf(stranded.data, last);
  const idleNow = sumOf(idle.data, last);
  const named = held.data?.groups.map((group, at) => {
    const name = Object.values(group.labels).join(", ");
    return { name: name || "nobody's", at: group.at, values: group.values, fill: { ink: ink(name, at) } as Fill };
  }) ?? [];
  const idleOnly = whole.at.map((at) => sumOf(idle.data, at) - sumOf(stranded.data, at));
  const layers = [
    ...named,
    { name: "starting", ...zeroed(cutting.data), fill: { pattern: "cut" } as Fill },
    { name: "idle", at: whole.at, values: idleOnly, fill: { pattern: "idle" } as Fill },
    { name: "stranded", ...zeroed(stranded.data), fill: { pattern: "stranded" } as Fill },
    { name: "lost to geometry", ...zeroed(loss.data), fill: { pattern: "loss" } as Fill },
    { name: "set aside", ...zeroed(aside.data), fill: { pattern: "aside" } as Fill },
  ];
  return (
    <>
      <div className="tiles">
        <Tile title="In use" series={all} span={shown} note={known ? `${percent(inUse / size)} now, ${percent(average(all.values.map((one, n) => one / (whole.values[n] || 1))))} on average` : "nothing was counted"}>
          {known ? <>{numberText(Math.round(inUse))} <small>of {numberText(size)} slices</small></> : "?"}
        </Tile>
        <Tile title="Active" series={busy} span={shown} note={busyNow === undefined ? (known && inUse < 0.5 ? "nothing is held" : "not measured: no source tells") : "of what is held, where a source tells"}>
          {percent(busyNow)}
        </Tile>
        <Tile title="Idle" series={zeroed(idle.data)} span={shown} ink="var(--warn)" note={known ? `${percent(idleNow / size)} of all could be used` : "nothing was counted"}>
          {known ? <>{numberText(Math.round(idleNow))} <small>slices</small></> : "?"}
        </Tile>
        <Tile title="Stranded" series={zeroed(stranded.data)} span={shown} ink="var(--ink2)" note="idle, and nothing that waits fits">
          {known ? <>{numberText(Math.round(strandedNow))} <small>slices</small></> : "?"}
        </Tile>
        <Tile title="Mean wait" series={queue} span={shown} ink="var(--ink2)" note={`${longest === undefined ? "nothing got a place in this time" : `longest ${duration(longest * 1e6)}`}; ${numberText(Math.round(queue && queue.at.at(-1) === last ? queue.values.at(-1)! : 0))} wait`}>
          {meanWait === undefined ? "?" : duration(meanWait * 1e6)}
        </Tile>
        <Tile title="Cost" span={shown} note={priced ? cost.data?.notes[0] ?? "what was held, at its price" : "no template that was used has a price"}>
          {priced ? numberText(money) : <span className="mut">not priced</span>}
        </Tile>
      </div>
      <div className="reports-middle">
        <NodeHeat search={search} onNode={(node) => onChange({ node })} />
        <section className="card col" style={{ padding: "11px 14px" }} aria-label="Use of the pool">
          <div className="row center" style={{ gap: 8, paddingBottom: 4 }}>
            <h2 className="nw">Use of the pool</h2>
            <span className="sub t12 cut-off">memory slices</span>
            <span className="grow" />
            <Segmented label="By" value={by} options={groups.slice(0, 5)} onChange={(chosen) => onChange({ by: chosen })} />
          </div>
          <Stack title={`Use of the pool by ${by}`} whole={{ name: "all", ...whole }} layers={layers} since={shown.since} until={shown.until} step={shown.step} height={278} />
        </section>
      </div>
      <div className="reports-bottom">
        <Waiting report={waits.data} />
        <section className="card scroll" aria-label={usage.title}>
          <div className="ch"><h2>{usage.title}</h2><span className="sub t12">GPU hours, a slice as its part of a GPU</span></div>
          {usage.rows.length === 0 ? <p className="hint" style={{ padding: "0 14px 12px" }}>Nothing was held in this time.</p>
            : <Rows report={usage} by={by} columns={usage.columns.filter(({ name }) => ["gpu_hours", "activity", "unused_slice_hours"].includes(name))} />}
          {usage.notes.map((note) => <p key={note} className="hint" style={{ padding: "0 14px 10px" }}>{note}</p>)}
        </section>
        <AdviceCard query={advice} age={search.age ?? usualAge} />
      </div>
    </>
  );
}
