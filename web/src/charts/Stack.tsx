// SPDX-License-Identifier: Apache-2.0
import { useId, useState, type PointerEvent } from "react";
import { clockTime } from "../parts/time";
import { numberText } from "./numbers";
import { stacked, type Layer } from "./runs";
import { nearest, scaleOf, ticksOf } from "./scale";
import { useSize } from "./size";

/** How a layer is filled: a team's colour, or the pattern of a state. */
export type Fill = { ink: string } | { pattern: "idle" | "stranded" | "loss" | "aside" | "cut" };

const foot = 18;
const right = 118;

function Patterns({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={`${id}idle`} width="6" height="6" patternUnits="userSpaceOnUse"><rect width="6" height="6" fill="var(--warnt)" /><circle cx="3" cy="3" r="1" fill="var(--warn)" /></pattern>
      <pattern id={`${id}stranded`} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="var(--panel)" /><path d="M0 0v6" stroke="var(--ink3)" /></pattern>
      <pattern id={`${id}loss`} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="5" height="5" fill="var(--sunk)" /><path d="M0 0v5" stroke="var(--line2)" /></pattern>
      <pattern id={`${id}aside`} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="7" height="7" fill="var(--errt)" /><path d="M0 0v7" stroke="var(--err)" strokeWidth="2" /></pattern>
      <pattern id={`${id}cut`} width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(25)"><rect width="10" height="10" fill="var(--sunk)" /><path d="M0 0v10" stroke="var(--ink3)" strokeWidth="4" /></pattern>
    </defs>
  );
}

/** What makes up a whole over time. It closes at the whole, and where that is not known there is nothing. */
export function Stack({ title, whole, layers, since, until, step, height = 240 }: {
  title: string;
  whole: Layer;
  layers: (Layer & { fill: Fill })[];
  since: number;
  until: number;
  step: number;
  height?: number;
}) {
  const id = useId().replaceAll(/[^\w]/g, "");
  const { box, width } = useSize<HTMLDivElement>();
  const [pointed, setPointed] = useState<number>();
  const { at, base, tops } = stacked(whole, layers);
  const most = Math.max(1, ...base, ...(tops.at(-1) ?? []));
  const x = scaleOf(since, until, 0, width - right);
  const y = (value: number) => 10 + (height - foot - 10) * (1 - value / most);
  const end = (n: number) => Math.min(until, at[n + 1] !== undefined && at[n + 1]! - at[n]! <= 1.5 * step ? at[n + 1]! : at[n]! + step);
  // Columns as wide as their steps: nothing is drawn between what was counted.
  const area = (n: number) => at.map((time, column) => {
    const low = n === 0 ? 0 : tops[n - 1]![column]!;
    const high = tops[n]![column]!;
    return high - low < 1e-9 ? "" : `M${x(time).toFixed(1)} ${y(low).toFixed(1)}V${y(high).toFixed(1)}H${x(end(column)).toFixed(1)}V${y(low).toFixed(1)}Z`;
  }).join("");
  const fillOf = (fill: Fill) => ("ink" in fill ? `color-mix(in srgb, ${fill.ink} 62%, var(--panel))` : `url(#${id}${fill.pattern})`);
  const column = at.length === 0 ? undefined : pointed === undefined ? at.length - 1 : Math.max(0, nearest(at, pointed - step / 2));
  const valueAt = (n: number) => (column === undefined ? undefined : tops[n]![column]! - (n === 0 ? 0 : tops[n - 1]![column]!));
  const follow = (event: PointerEvent<SVGSVGElement>) => {
    const bounds = event.currentTarget.getBoundingClientRect();
    const across = (event.clientX - bounds.left) / Math.max(1, width - right);
    setPointed(across > 1 ? undefined : since + across * (until - since));
  };
  const shown = layers.map((layer, n) => ({ layer, n, value: valueAt(n) ?? 0 })).filter(({ value }) => value >= 0.05).reverse();
  return (
    <div ref={box} className="chart" style={{ height }}>
      {width > 0 && at.length > 0 && (
        <svg width={width} height={height} role="img" aria-label={`${title}: ${shown.map(({ layer, value }) => `${layer.name} ${numberText(value)}`).join(", ")} of ${numberText(column === undefined ? undefined : base[column])}`}
          onPointerMove={follow} onPointerLeave={() => setPointed(undefined)}>
          <Patterns id={id} />
          {[0.5, 1].map((share) => <path key={share} d={`M0 ${y(most * share)}H${width - right}`} stroke="var(--line)" />)}
          {layers.map((layer, n) => <path key={layer.name} d={area(n)} fill={fillOf(layer.fill)} />)}
          <path d={at.map((time, n) => `M${x(time).toFixed(1)} ${y(base[n]!).toFixed(1)}H${x(end(n)).toFixed(1)}`).join("")} stroke="var(--ink2)" strokeDasharray="4 3" fill="none" />
          {ticksOf(since, until, Math.max(2, Math.floor(width / 150))).map((tick, n) => <text key={tick} x={x(tick)} y={height - 3} textAnchor={n === 0 && x(tick) < 20 ? "start" : "middle"}>{clockTime(tick)}</text>)}
          <text x="4" y={y(most) + 13} style={{ fill: "var(--ink2)" }}>{numberText(most)}</text>
          {pointed !== undefined && column !== undefined && <path d={`M${(x(at[column]!) + x(end(column))) / 2} 4V${height - foot}`} stroke="var(--ink)" strokeDasharray="2 3" />}
        </svg>
      )}
      {at.length === 0 && <div className="not-known">nothing was counted in this time</div>}
      {column !== undefined && (
        <div className="stack-names" style={{ width: right - 10 }} aria-hidden="true">
          <div className="mut t11">{pointed === undefined ? "last" : clockTime(at[column]!)}</div>
          {shown.map(({ layer, value }) => (
            <div key={layer.name} className="cut-off t11">
              <svg width="9" height="9"><rect width="9" height="9" rx="2" fill={fillOf(layer.fill)} /></svg> <b>{numberText(Math.round(value * 10) / 10)}</b> {layer.name}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
