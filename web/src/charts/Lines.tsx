// SPDX-License-Identifier: Apache-2.0
import { useState, type PointerEvent } from "react";
import { clockTime } from "../parts/time";
import { numberText } from "./numbers";
import { runsOf, type Line } from "./runs";
import { levelsOf, nearest, scaleOf, ticksOf } from "./scale";
import { useSize } from "./size";

const foot = 18;
const right = 46;

interface Drawn {
  title: string;
  lines: Line[];
  since: number;
  until: number;
  /** Length of a step: a longer hole is one in which nothing is known. 0: points are joined however far apart. */
  step: number;
  height?: number | undefined;
  unit?: string;
  /** The least top of the scale: 1 for shares. */
  most?: number;
  /** The bottom of the scale follows the values, for metrics that are far from zero. */
  fitted?: boolean;
  /** What the way across counts: moments unless said otherwise. */
  across?: "time" | "step";
  value?: (value: number) => string;
}

/** Lines over time or steps, broken where nothing is known. What is under the pointer is written out. */
export function Lines({ title, lines, since, until, step, height = 150, unit = "", most = 0, fitted = false, across = "time", value = numberText }: Drawn) {
  const { box, width } = useSize<HTMLDivElement>();
  const [pointed, setPointed] = useState<number>();
  const all = lines.flatMap((line) => line.values);
  const low = fitted && all.length > 0 ? Math.min(...all) : 0;
  const levels = levelsOf(Math.max(most, ...all.map((one) => one - low), 0)).map((level) => level + low);
  const top = levels.at(-1)!;
  const x = scaleOf(since, until, 0, width - right);
  const y = (of: number) => 8 + (height - foot - 8) * (1 - (of - low) / (top - low || 1));
  const ticks = across === "time" ? ticksOf(since, until, Math.max(2, Math.floor(width / 150))) : levelsOf(until - since, 4).map((one) => one + since).filter((one) => one <= until);
  const follow = (event: PointerEvent<SVGSVGElement>) => {
    const bounds = event.currentTarget.getBoundingClientRect();
    setPointed(since + ((event.clientX - bounds.left) / Math.max(1, width - right)) * (until - since));
  };
  const read = pointed === undefined ? [] : lines.flatMap((line) => {
    const at = nearest(line.at, pointed);
    const time = line.at[at];
    return time === undefined || (step > 0 && Math.abs(time - pointed) > 1.5 * step) ? [] : [{ line, time, value: line.values[at]! }];
  });
  const shown = read.sort((a, b) => b.value - a.value).slice(0, 9);
  return (
    <div ref={box} className="chart" style={{ height }}>
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={`${title}: ${lines.length === 0 ? "nothing is known" : lines.slice(0, 6).map((line) => `${line.name} ${line.values.length ? value(line.values.at(-1)!) : "not known"}`).join(", ")}`}
          onPointerMove={follow} onPointerLeave={() => setPointed(undefined)}>
          {levels.map((level) => (
            <g key={level}>
              <path d={`M0 ${y(level)}H${width - right}`} stroke="var(--line)" />
              <text x={width - right + 6} y={y(level) + 4}>{value(level)}</text>
            </g>
          ))}
          {ticks.map((tick, n) => <text key={tick} x={x(tick)} y={height - 3} textAnchor={n === 0 && x(tick) < 20 ? "start" : "middle"}>{across === "time" ? clockTime(tick, until - since < 300e6) : numberText(tick)}</text>)}
          {[...lines].sort((a, b) => Number(a.strong ?? false) - Number(b.strong ?? false)).map((line) =>
            runsOf(line.at, line.values, step).map((run) => (
              <path key={`${line.name}-${run[0]![0]}`} fill="none" strokeWidth={line.strong ? 2 : 1.5} strokeLinejoin="round" strokeLinecap="round" stroke={line.ink}
                d={run.length === 1 ? `M${x(run[0]![0]) - 1} ${y(run[0]![1])}h2` : run.map(([time, of], n) => `${n ? "L" : "M"}${x(time).toFixed(1)} ${y(of).toFixed(1)}`).join("")} />
            )),
          )}
          {pointed !== undefined && shown[0] && <path d={`M${x(shown[0].time)} 4V${height - foot}`} stroke="var(--ink2)" strokeDasharray="2 3" />}
          {shown.map(({ line, time, value: of }) => <circle key={line.name} cx={x(time)} cy={y(of)} r="3" fill={line.ink} stroke="var(--panel)" />)}
        </svg>
      )}
      {lines.length === 0 && <div className="not-known">nothing is known of this time</div>}
      {pointed !== undefined && shown[0] && (
        <div className="menu reading" style={{ left: Math.min(Math.max(0, width - 210), x(shown[0].time) + 12), top: 0 }}>
          <div className="mut t11">{across === "time" ? clockTime(shown[0].time, true) : `step ${numberText(shown[0].time)}`}</div>
          {shown.map(({ line, value: of }) => (
            <div key={line.name} className="t12 row center" style={{ gap: 6 }}><i className="sq" style={{ background: line.ink }} /><span className="cut-off">{line.name}</span><span className="grow" /><b>{value(of)}</b>{unit && <span className="mut">{unit}</span>}</div>
          ))}
        </div>
      )}
    </div>
  );
}
