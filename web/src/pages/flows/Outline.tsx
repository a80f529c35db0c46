// SPDX-License-Identifier: Apache-2.0
import { Footprint } from "../../drawing/Footprint";
import { lineOf } from "../run/words";
import { nameOfRung, termsOf } from "../run/rung";
import { trialsOf, type Component } from "./definition";

/** What a step is before it runs: its list, its command, what it unfolds into. */
export function Outline({ component }: { component: Component }) {
  const trials = trialsOf(component);
  const varied = [...Object.entries(component.grid ?? {}).map(([name, values]) => `${name} × ${values.length}`), ...Object.keys(component.random ?? {}).map((name) => `${name} drawn`)];
  return (
    <>
      <ol className="choices-taken" aria-label="Compute list">
        {component.on.map((rung, at) => (
          <li key={at}>
            <span className="mut t12">{at + 1}</span> <Footprint template={nameOfRung(rung)} /> <span className="m">{nameOfRung(rung)}</span> <span className="mut t12">{termsOf(rung)}</span>
          </li>
        ))}
        {component.on.length === 0 && <li className="er2">no compute yet</li>}
      </ol>
      <div className="m t11 cut-off i2" title={lineOf(component.command)}>{lineOf(component.command) || "no command yet"}</div>
      {component.kind === "sweep" && <div className="t12 i2">{varied.join(", ") || "nothing varies yet"}{trials === undefined ? "" : ` = ${trials} trials`}</div>}
      {component.early_stopping && <div className="t12 mut">stops trials early, {component.early_stopping.rule === "asha" ? "ASHA" : "by the median"}</div>}
      {component.when && <div className="t12 mut">if <span className="m">{component.when}</span></div>}
    </>
  );
}
