// SPDX-License-Identifier: Apache-2.0
import { useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { layersOf } from "./definition";

export interface Step {
  name: string;
  needs: string[];
  /** What it waits for is there: the way to it is drawn solid. */
  reached?: boolean;
}

interface Way {
  key: string;
  path: string;
  reached: boolean;
}

const sameWays = (a: Way[], b: Way[]) => a.length === b.length && a.every((way, n) => way.path === b[n]!.path && way.reached === b[n]!.reached);

/** A graph of steps from left to right, each drawn as it likes; the ways between follow wherever they stand. */
export function Graph({ steps, children, label }: { steps: Step[]; children: (name: string) => ReactNode; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [ways, setWays] = useState<Way[]>([]);
  const [, measure] = useState(0);
  useEffect(() => {
    const resized = new ResizeObserver(() => measure((n) => n + 1));
    const inner = box.current!;
    resized.observe(inner);
    for (const step of inner.querySelectorAll("[data-step]")) resized.observe(step);
    return () => resized.disconnect();
  }, [steps.map((step) => step.name).join(" ")]);
  useLayoutEffect(() => {
    const inner = box.current!;
    const origin = inner.getBoundingClientRect();
    const place = (name: string) => inner.querySelector(`[data-step="${CSS.escape(name)}"]`)?.getBoundingClientRect();
    const found = steps.flatMap((step) =>
      step.needs.flatMap((need) => {
        const [from, to] = [place(need), place(step.name)];
        if (!from || !to) return [];
        const [x0, y0] = [from.right - origin.left, from.top + from.height / 2 - origin.top];
        const [x1, y1] = [to.left - origin.left, to.top + to.height / 2 - origin.top];
        const bend = Math.max(14, (x1 - x0) / 2);
        return [{ key: `${need} ${step.name}`, path: `M${x0.toFixed(0)} ${y0.toFixed(0)}C${(x0 + bend).toFixed(0)} ${y0.toFixed(0)} ${(x1 - bend).toFixed(0)} ${y1.toFixed(0)} ${x1.toFixed(0)} ${y1.toFixed(0)}`, reached: step.reached ?? true }];
      }),
    );
    if (!sameWays(found, ways)) setWays(found);
  });
  return (
    <div className="graph scroll" tabIndex={0} aria-label={label} role="group">
      <div className="graph-inner" ref={box}>
        <svg className="ways" aria-hidden="true">
          {ways.map((way) => (
            <g key={way.key}>
              <path d={way.path} className={way.reached ? "reached" : ""} />
            </g>
          ))}
        </svg>
        {layersOf(steps).map((layer, at) => (
          <div className="layer" key={at}>
            {layer.map((name) => <div key={name} data-step={name} className="step-place">{children(name)}</div>)}
          </div>
        ))}
      </div>
    </div>
  );
}
