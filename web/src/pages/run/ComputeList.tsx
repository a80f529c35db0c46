// SPDX-License-Identifier: Apache-2.0
import { useState, type KeyboardEvent } from "react";
import type { Template } from "../../api/client";
import { Footprint } from "../../drawing/Footprint";

const moved = (list: string[], from: number, to: number): string[] => {
  const rest = list.filter((_, at) => at !== from);
  rest.splice(to, 0, list[from]!);
  return rest;
};

/** The compute list: first choice first, reordered by drag or Alt with the arrows. */
export function ComputeList({ on, templates, error, onChange }: { on: string[]; templates: Template[]; error: string | undefined; onChange: (on: string[]) => void }) {
  const [over, setOver] = useState<number>();
  const drop = (data: string, at: number) => {
    setOver(undefined);
    const from = data.startsWith("rung:") ? Number(data.slice(5)) : -1;
    if (from >= 0) onChange(moved(on, from, Math.min(at, on.length - 1)));
    else if (templates.some((template) => template.name === data) && !on.includes(data)) onChange([...on.slice(0, at), data, ...on.slice(at)]);
  };
  const press = (event: KeyboardEvent<HTMLLIElement>, at: number) => {
    const to = event.key === "ArrowUp" ? at - 1 : event.key === "ArrowDown" ? at + 1 : -1;
    if (event.key === "Delete") {
      event.preventDefault();
      return onChange(on.filter((_, one) => one !== at));
    }
    if (!event.altKey || to < 0 || to >= on.length) return;
    event.preventDefault();
    onChange(moved(on, at, to));
    const list = event.currentTarget.parentElement!;
    requestAnimationFrame(() => list.querySelectorAll<HTMLElement>(".grip")[to]?.focus());
  };
  return (
    <div className="field">
      <div className="lb" id="list-label">
        Run it on <span className="sub">first choice first; drag, or Alt ↑ ↓</span>
      </div>
      <ol className="rungs" aria-labelledby="list-label" data-testid="rungs">
        {on.map((name, at) => {
          const template = templates.find((one) => one.name === name);
          return (
            <li key={name} className={`rung ${over === at ? "over" : ""}`} draggable
              onDragStart={(event) => event.dataTransfer.setData("text/plain", `rung:${at}`)}
              onDragOver={(event) => { event.preventDefault(); setOver(at); }} onDragLeave={() => setOver(undefined)}
              onDrop={(event) => { event.preventDefault(); drop(event.dataTransfer.getData("text/plain"), at); }}
              onKeyDown={(event) => press(event, at)}>
              <button type="button" className="grip" aria-label={`Choice ${at + 1}, ${name}: Alt and the arrows move it, Delete takes it out`}>⋮⋮</button>
              <span className="no">{at + 1}</span>
              <Footprint template={name} />
              <span className="m b f1 cut-off">{name}</span>
              {template ? (
                <span className={`pill ${template.free > 0 ? "ok" : ""}`}>{template.free > 0 ? `${template.free} free now` : "none free now"}</span>
              ) : (
                <span className="pill err">not there</span>
              )}
              <button type="button" className="icon" aria-label={`Take ${name} out`} onClick={() => onChange(on.filter((one) => one !== name))}>×</button>
            </li>
          );
        })}
        <li className={`rung ${over === on.length ? "over" : ""}`} style={{ borderStyle: "dashed", color: "var(--ink3)" }}
          onDragOver={(event) => { event.preventDefault(); setOver(on.length); }} onDragLeave={() => setOver(undefined)}
          onDrop={(event) => { event.preventDefault(); drop(event.dataTransfer.getData("text/plain"), on.length); }}>
          <span style={{ paddingLeft: 8 }}>{on.length === 0 ? "Pick from the menu, or drop it here" : "What to take if none above can be had"}</span>
        </li>
      </ol>
      {error && <div className="wrong" role="alert">{error}</div>}
    </div>
  );
}
