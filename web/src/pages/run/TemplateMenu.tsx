// SPDX-License-Identifier: Apache-2.0
import type { Pool, Template } from "../../api/client";
import { Footprint } from "../../drawing/Footprint";
import { count, memory } from "../../parts/time";
import { whenWords, type TriedRung } from "./trial";

/** What one gets, in a few words from what the driver says. */
export function aboutTemplate(template: Template, pool: Pool | undefined): string {
  if (template.kind === "slice") {
    for (const board of pool?.boards ?? []) {
      const profile = board.profiles.find((one) => one.name === template.profile);
      if (profile) return `${memory(profile.memory_mib)}, ${profile.multiprocessors} SMs`;
    }
    return template.profile ?? "";
  }
  const share = `${template.cpu_milli / 1000} ${template.cpu_milli === 1000 ? "core" : "cores"}, ${memory(template.memory_mib)}`;
  if (template.kind === "cpu") return share;
  return (template.gpus ?? 1) === 1 ? "one whole GPU" : `${template.gpus} GPUs of one node`;
}

/** "now", "by 14:47", or nothing as long as it was not said. */
function startOf(template: Template, starts: ReadonlyMap<string, TriedRung>): string {
  if (template.free) return "now";
  const rung = starts.get(template.name);
  return rung ? whenWords(rung.can, rung.start) : "";
}

const groups = [["slice", "Slices of a GPU"], ["gpus", "Whole GPUs"], ["cpu", "Elsewhere"]] as const;

export function TemplateMenu({ templates, pool, chosen, starts, onPick }: {
  templates: Template[];
  pool: Pool | undefined;
  chosen: string[];
  /** When what is not free could be had, by name. */
  starts: ReadonlyMap<string, TriedRung>;
  onPick: (name: string) => void;
}) {
  const priced = templates.some((template) => template.price_micro > 0);
  return (
    <section className="card menu-card" aria-label="Compute">
      <div className="ch">
        <h2>Compute</h2>
        <span className="grow" />
        <span className="sub t12">free, start{priced && ", price an hour"}</span>
      </div>
      <div className="scroll f1">
        {groups.map(([kind, title]) => {
          const those = templates.filter((template) => template.kind === kind);
          if (those.length === 0) return null;
          return (
            <div key={kind}>
              <div className="gh">{title}</div>
              {those.map((template) => (
                <button key={template.name} type="button" className={`tm ${chosen.includes(template.name) ? "on" : ""}`} draggable
                  onDragStart={(event) => event.dataTransfer.setData("text/plain", template.name)}
                  onClick={() => onPick(template.name)} aria-pressed={chosen.includes(template.name)}>
                  <Footprint template={template.name} />
                  <span className="f1">
                    <span className="name cut-off" style={{ display: "block" }}>{template.name}</span>
                    <span className="mut t11">{aboutTemplate(template, pool)}</span>
                  </span>
                  <span className="r nw">
                    <span className={`t12 ${template.free ? "ok2" : "i2"}`} style={{ fontWeight: 500, display: "block" }}>{count(template.free ?? 0)} free</span>
                    <span className="mut t11" style={{ display: "block" }}>{startOf(template, starts)}</span>
                  </span>
                  {priced && <span className="r i2 t12" style={{ width: 40 }}>{template.price_micro ? (template.price_micro / 1e6).toFixed(2) : ""}</span>}
                </button>
              ))}
            </div>
          );
        })}
      </div>
      <div className="mut t11" style={{ padding: "8px 14px", borderTop: "1px solid var(--line)" }}>
        The picture is the part of a GPU you get. <kbd>Enter</kbd> or a drag adds it as a choice.
      </div>
    </section>
  );
}
