// SPDX-License-Identifier: Apache-2.0
import { duration } from "../../parts/time";
import { numberText } from "../../charts/numbers";
import type { Report } from "./report";

const marks = [1, 10, 60, 600, 3600, 36_000, 360_000];
/** Seconds on a scale where each tenfold is as wide. */
const part = (seconds: number): number => (100 * Math.log10(1 + Math.max(0, seconds))) / Math.log10(1 + marks.at(-1)!);

/** How long jobs waited, kind by kind on one scale: the mean, and out to the longest. */
export function Waiting({ report }: { report: Report | undefined }) {
  const rows = report?.rows ?? [];
  return (
    <section className="card scroll" aria-label="Waiting">
      <div className="ch"><h2>Waiting</h2><span className="sub t12">mean, and out to the longest</span><span className="grow" /><span className="sub t12">in queue</span></div>
      {report && rows.length === 0 && <p className="hint" style={{ padding: "0 14px 12px" }}>Nothing was submitted in this time.</p>}
      <div className="waits" role="table" aria-label="How long jobs waited">
        {rows.map((row) => {
          const { mean_wait: mean, longest_wait: longest, waiting = 0 } = row.numbers;
          return (
            <div role="row" key={row.names.join("/")}>
              <span role="rowheader" className="m cut-off">{row.names[0] || "nobody's"}</span>
              <span role="cell" className="range">
                {mean !== undefined && longest !== undefined && <i className="bar" style={{ left: `${part(mean)}%`, width: `${part(longest) - part(mean)}%` }} />}
                {mean !== undefined && <i className="dot" style={{ left: `${part(mean)}%` }} />}
                <span className="mut t11" style={{ left: `calc(${part(longest ?? 0)}% + 9px)` }}>{mean === undefined ? "none got a place" : duration(mean * 1e6)}</span>
              </span>
              <span role="cell" className="r b">{numberText(Math.round(waiting * 10) / 10)}</span>
            </div>
          );
        })}
      </div>
      {rows.length > 0 && (
        <div className="waits-scale t11 mut" aria-hidden="true">{marks.slice(0, -1).map((mark) => <span key={mark} style={{ left: `${part(mark)}%` }}>{duration(mark * 1e6)}</span>)}</div>
      )}
    </section>
  );
}
