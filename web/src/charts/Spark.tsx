// SPDX-License-Identifier: Apache-2.0
import { runsOf } from "./runs";
import { scaleOf } from "./scale";

/** How it went, without numbers: beside a figure. */
export function Spark({ at, values, since, until, step, ink = "var(--acc)" }: { at: number[]; values: number[]; since: number; until: number; step: number; ink?: string }) {
  const most = Math.max(1e-9, ...values);
  const x = scaleOf(since, until, 0, 70);
  const y = (value: number) => 27 - (value / most) * 25;
  return (
    <svg width="70" height="28" aria-hidden="true">
      {runsOf(at, values, step).map((run) => {
        const line = run.map(([time, value], n) => `${n ? "L" : "M"}${x(time).toFixed(1)} ${y(value).toFixed(1)}`).join("");
        return (
          <g key={run[0]![0]}>
            <path d={`${line}V28H${x(run[0]![0])}Z`} fill={ink} opacity="0.14" />
            <path d={line} fill="none" stroke={ink} strokeWidth="1.4" strokeLinejoin="round" />
          </g>
        );
      })}
    </svg>
  );
}
