// SPDX-License-Identifier: Apache-2.0
import { useState, type KeyboardEvent } from "react";
import type { Template } from "../../api/client";
import { Footprint } from "../../drawing/Footprint";
import { parseRung, type Rung } from "./rung";
import { whenWords, type TriedRung } from "./trial";

const moved = (list: Rung[], from: number, to: number): Rung[] => {
  const rest = list.filter((_, at) => at !== from);
  rest.splice(to, 0, list[from]!);
  return rest;
};

/** When this choice by itself could be had; before that is known, what is free. */
function RungPill({ template, tried }: { template: Template; tried: TriedRung | undefined }) {
  if (!tried) return <span className={`pill ${template.free ? "ok" : ""}`}>{template.free ? `${template.free} free now` : "none free now"}</span>;
  const look = tried.can === "now" ? "ok" : tried.can === "never" ? "err" : "";
  const words = whenWords(tried.can, tried.start);
  return <span className={`pill ${look}`} title={tried.sentence}>{words === "now" ? "starts now" : words === "not known" ? "waits" : words}</span>;
}

/** The compute list: first choice first, reordered by drag or Alt with the arrows. */
export function ComputeList({ on, templates, tried = [], error, onChange }: {
  on: Rung[];
  templates: Template[];
  /** What `try` said of each choice by itself. */
  tried?: readonly TriedRung[];
  error: string | undefined;
  onChange: (on: Rung[]) => void;
}) {
  const [over, setOver] = useState<number>();
  const drop = (data: string, at: number) => {
    setOver(undefined);
    const from = data.startsWith("rung:") ? Number(data.slice(5)) : -1;
    if (from >= 0) onChange(moved(on, from, Math.min(at, on.length - 1)));
    else if (templates.some((template) => template.name === data) && !on.some((one) => one.name === data)) onChange([...on.slice(0, at), parseRung(data), ...on.slice(at)]);
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
        {on.map((rung, at) => {
          const { name } = rung;
          const change = (changed: Partial<Rung>) => onChange(on.map((one, index) => (index === at ? { ...one, ...changed } : one)));
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
              <span className="f1">
                <span className="m b cut-off" style={{ display: "block" }}>{name}</span>
                <span className="terms">
                  <label>
                    wait at most
                    <input value={rung.wait} placeholder={at === on.length - 1 ? "as needed" : "not at all"} aria-label={`Longest wait for ${name}`} onChange={(event) => change({ wait: event.target.value })} />
                  </label>
                  <label>
                    price at most
                    <input value={rung.price} placeholder="any" inputMode="decimal" aria-label={`Highest price an hour for ${name}`} onChange={(event) => change({ price: event.target.value })} />
                  </label>
                </span>
              </span>
              {template ? (
                <RungPill template={template} tried={tried[at]?.on === name ? tried[at] : undefined} />
              ) : (
                <span className="pill err">not there</span>
              )}
              <button type="button" className="icon" aria-label={`Take ${name} out`} onClick={() => onChange(on.filter((one) => one.name !== name))}>×</button>
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
