// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { useSize } from "../../charts/size";
import { axesOf, metricOf, type Run } from "./model";

const top = 24;
const foot = 20;

/** Each run as a line across its parameters to what came of it; the darker, the better. */
export function Parallel({ runs, metric, least, picked, onPick, height = 250 }: { runs: Run[]; metric: string; least: boolean; picked: ReadonlySet<string>; onPick: (id: string) => void; height?: number }) {
  const { box, width } = useSize<HTMLDivElement>();
  const [over, setOver] = useState<string>();
  const axes = axesOf(runs, metric);
  const last = axes.at(-1);
  const x = (at: number) => (axes.length < 2 ? width / 2 : 46 + (at * (width - 92)) / (axes.length - 1));
  const y = (place: number) => top + (height - top - foot) * (1 - place);
  const good = (run: Run) => {
    const place = last?.kind === "metric" ? last.place(run) : undefined;
    return place === undefined ? undefined : least ? 1 - place : place;
  };
  const path = (run: Run) => {
    let pen = "M";
    return axes.map((axis, at) => {
      const place = axis.place(run);
      if (place === undefined) {
        pen = "M";
        return "";
      }
      const step = `${pen}${x(at).toFixed(1)} ${y(place).toFixed(1)}`;
      pen = "L";
      return step;
    }).join("");
  };
  const shown = over ?? (picked.size === 1 ? [...picked][0] : undefined);
  const named = runs.find((run) => run.id === shown);
  const order = [...runs].sort((a, b) => Number(a.id === over || picked.has(a.id)) - Number(b.id === over || picked.has(b.id)) || (good(a) ?? -1) - (good(b) ?? -1));
  return (
    <div ref={box} className="chart" style={{ height }}>
      {axes.length < 2 ? <div className="not-known">nothing differs between these runs that could be drawn</div> : width > 0 && (
        <svg width={width} height={height} role="img" aria-label={`Parameters of ${runs.length} runs and their ${metric}`}>
          {axes.map((axis, at) => (
            <g key={axis.kind + axis.name}>
              <path d={`M${x(at)} ${top}V${height - foot}`} stroke="var(--line2)" />
              <text x={x(at)} y="10" textAnchor="middle" style={{ fontWeight: 600, fill: axis.kind === "metric" ? "var(--acc)" : "var(--ink)" }}>{axis.name}</text>
              <text x={x(at)} y="21" textAnchor="middle">{axis.words ? "" : axis.high}</text>
              <text x={x(at)} y={height - 6} textAnchor="middle">{axis.words ? "" : axis.low}</text>
            </g>
          ))}
          {order.map((run) => {
            const share = good(run);
            const strong = run.id === over || picked.has(run.id);
            return (
              <path key={run.id} d={path(run)} fill="none" strokeLinejoin="round" strokeWidth={strong ? 2.5 : 1.4} style={{ cursor: "pointer" }}
                stroke={strong ? "var(--ink)" : share === undefined ? "var(--line2)" : `color-mix(in srgb, var(--a1) ${Math.round(20 + 80 * share)}%, var(--line2))`} strokeDasharray={share === undefined ? "3 3" : undefined}
                onPointerEnter={() => setOver(run.id)} onPointerLeave={() => setOver(undefined)} onClick={() => onPick(run.id)} />
            );
          })}
          {axes.map((axis, at) => axis.words?.slice(0, 12).map((word, n) => <text key={axis.name + word} x={x(at) + (at === 0 ? -6 : 6)} y={y(n / (axis.words!.length - 1)) + 4} textAnchor={at === 0 ? "end" : "start"} className="halo">{word}</text>))}
        </svg>
      )}
      {named && over && <div className="menu reading" style={{ right: 0, bottom: 22, left: "auto" }}><div className="b t12">{named.name}</div><div className="t12 mut">{metric} {metricOf(named, metric) ?? "not known"}</div></div>}
    </div>
  );
}
