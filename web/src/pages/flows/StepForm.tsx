// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import type { Schemas, Template } from "../../api/client";
import { Field, Segmented } from "../../parts/form";
import { complain } from "../../parts/toast";
import { ComputeList } from "../run/ComputeList";
import { parseRung, textOf } from "../run/rung";
import { lineOf, wordsOf } from "../run/words";
import { keep } from "./artifacts";
import { EarlyStoppingFields } from "./EarlyStoppingFields";
import { isService, needsOf, type Component, type Definition, type Kind } from "./definition";
import { changed, connected, gridOf, gridText, nameRule, renamed } from "./edit";
import { Late } from "./Late";

/** Where a step's files come from. A file of one's own is brought into the store and named by its content. */
function Inputs({ name, flow, project, onChange }: { name: string; flow: Definition; project: string | undefined; onChange: (inputs: Record<string, string>) => void }) {
  const inputs = flow.components[name]!.inputs ?? {};
  const offered = Object.entries(flow.components).flatMap(([of, { outputs = [], kind }]) => (of === name ? [] : outputs.map((output) => (kind === "sweep" ? `${of}.best.${output}` : `${of}.${output}`))));
  return (
    <div className="field">
      <div className="lb">Inputs <span className="sub">found under $NAV_INPUTS</span></div>
      {Object.entries(inputs).map(([file, from]) => (
        <div key={file} className="row center" style={{ gap: 6, paddingBottom: 4 }}>
          <span className="m t12 cut-off" style={{ flex: "0 0 96px" }} title={file}>{file}</span>
          <Late className="in mono f1" aria-label={`Where ${file} comes from`} value={from} onChange={(value) => onChange({ ...inputs, [file]: value })} />
          <button type="button" className="icon" aria-label={`Take the input ${file} out`} onClick={() => onChange(Object.fromEntries(Object.entries(inputs).filter(([one]) => one !== file)))}>×</button>
        </div>
      ))}
      <div className="row" style={{ gap: 6 }}>
        <select className="in f1" aria-label="Add an output of another step" value="" onChange={(event) => event.target.value && onChange({ ...inputs, [event.target.value.split(".").slice(event.target.value.includes(".best.") ? 2 : 1).join(".")]: event.target.value })}>
          <option value="">an output of another step</option>
          {offered.map((one) => <option key={one}>{one}</option>)}
        </select>
        <label className="btn" style={{ cursor: "pointer" }}>
          A file
          <input type="file" className="sr" onChange={(event) => {
            const file = event.target.files?.[0];
            if (file) void keep(file, project).then((digest) => onChange({ ...inputs, [file.name]: digest })).catch(complain);
          }} />
        </label>
      </div>
    </div>
  );
}

/** What goes with no step of this kind is taken back. */
const ofKind = (kind: Kind): Partial<Component> => ({
  kind,
  ...(kind === "sweep" ? {} : { early_stopping: null, grid: {}, metric: "" }),
  ...(kind === "endpoint" || kind === "workspace" ? { outputs: [] } : { health: "", idle_after: "", keep: false }),
});

/** All that can be said of one step; what the server says is wrong stands beside its field. */
export function StepForm({ name, flow, templates, project, wrongs, onChange, onRename, onClose }: {
  name: string;
  flow: Definition;
  templates: Template[];
  project: string | undefined;
  /** By field of the step. */
  wrongs: Record<string, string>;
  onChange: (flow: Definition) => void;
  onRename: (name: string | undefined) => void;
  onClose: () => void;
}) {
  const component = flow.components[name]!;
  const change = (more: Partial<Component>) => onChange(changed(flow, name, more));
  const [badName, setBadName] = useState<string>();
  const [badCommand, setBadCommand] = useState<string>();
  const wrong = (field: string) => Object.entries(wrongs).find(([one]) => one.split(/[.[]/)[0] === field)?.[1];
  const others = Object.keys(flow.components).filter((one) => one !== name);
  const sweeps = component.kind === "sweep";
  const free = templates.filter((one) => !component.on.some((rung) => rung.split(":")[0] === one.name));
  return (
    <aside className="card side step-form" aria-label={`Step ${name}`}>
      <div className="row center" style={{ gap: 8 }}>
        <h2 className="grow cut-off">Where and what {name} runs</h2>
        <button type="button" className="btn sm danger" onClick={() => { onChange(renamed(flow, name, undefined)); onRename(undefined); }}>Remove</button>
        <button type="button" className="icon" aria-label="Close" onClick={onClose}>×</button>
      </div>
      <div className="fields">
        <Field label="Name" error={badName}>
          {(field) => <Late {...field} className="in" value={name} onChange={(value) => {
            const bad = !nameRule.test(value) ? "Lower-case letters, digits and inner - . _" : value !== name && value in flow.components ? "There is one of this name." : undefined;
            setBadName(bad);
            if (bad || value === name) return;
            onChange(renamed(flow, name, value));
            onRename(value);
          }} />}
        </Field>
        <div className="field"><div className="lb">Kind</div><Segmented label="Kind" value={component.kind ?? "job"} options={[["job", "Job"], ["sweep", "Sweep"], ["endpoint", "Endpoint"], ["workspace", "Notebook"]]} onChange={(kind) => change(ofKind(kind))} /></div>
      </div>
      <ComputeList on={component.on.map(parseRung)} templates={templates} error={wrong("on")} onChange={(on) => change({ on: on.map(textOf) })} />
      <select className="in" aria-label="Add a choice" value="" onChange={(event) => event.target.value && change({ on: [...component.on, event.target.value] })}>
        <option value="">add a choice</option>
        {free.map((one) => <option key={one.name} value={one.name}>{one.name}, {one.free ?? 0} free</option>)}
      </select>
      <Field label="Command" error={badCommand ?? wrong("command")} hint={sweeps ? "{{name}} stands for a parameter." : component.kind === "workspace" ? "Empty: Jupyter, as it is installed on the node." : undefined}>
        {(field) => <Late {...field} lines={3} className="in mono" value={lineOf(component.command)} onChange={(text) => {
          const words = wordsOf(text);
          setBadCommand(words ? undefined : "A quote is not closed.");
          if (words) change({ command: words.words });
        }} />}
      </Field>
      {others.length > 0 && (
        <div className="field">
          <div className="lb">After</div>
          <div className="chips">
            {others.map((one) => {
              const said = component.after?.includes(one) ?? false;
              const implied = needsOf(name, flow).includes(one) && !said;
              const circle = !said && !implied && connected(flow, one, name) === flow;
              return (
                <label key={one} className="check t12" title={implied ? "Its output is used" : circle ? "That would be a circle" : undefined}>
                  <input type="checkbox" checked={said || implied} disabled={implied || circle} onChange={() => (said ? change({ after: component.after!.filter((need) => need !== one) }) : onChange(connected(flow, one, name)))} />
                  {one}
                </label>
              );
            })}
          </div>
        </div>
      )}
      <Inputs name={name} flow={flow} project={project} onChange={(inputs) => change({ inputs })} />
      {wrong("inputs") && <div className="wrong" role="alert">{wrong("inputs")}</div>}
      {isService(component) ? (
        <>
          <div className="fields">
            <Field label="Health" optional hint="A path that is asked" error={wrong("health")}>{(field) => <Late {...field} className="in mono" placeholder="/healthz" value={component.health ?? ""} onChange={(health) => change({ health })} />}</Field>
            <Field label="Idle after" optional hint="Ended when unused so long" error={wrong("idle_after")}>{(field) => <Late {...field} className="in" placeholder={component.kind === "workspace" ? "2h" : "never"} value={component.idle_after ?? ""} onChange={(idle_after) => change({ idle_after })} />}</Field>
          </div>
          <label className="check t12"><input type="checkbox" checked={component.keep ?? false} onChange={(event) => change({ keep: event.target.checked })} /> It goes on when the run is over</label>
          {wrong("keep") && <div className="wrong" role="alert">{wrong("keep")}</div>}
        </>
      ) : (
        <Field label="Outputs" optional hint="Files it leaves under $NAV_OUTPUTS." error={wrong("outputs")}>
          {(field) => <Late {...field} className="in mono" value={(component.outputs ?? []).join(", ")} onChange={(text) => change({ outputs: text.split(",").map((one) => one.trim()).filter(Boolean) })} />}
        </Field>
      )}
      {sweeps && (
        <>
          <Field label="Grid" error={wrong("grid")} hint="A line a parameter: rate: 0.1, 0.01">{(field) => <Late {...field} lines={3} className="in mono" value={gridText(component.grid)} onChange={(text) => change({ grid: gridOf(text) })} />}</Field>
          <div className="fields">
            <Field label="Best by" optional error={wrong("metric")}>{(field) => <Late {...field} className="in mono" placeholder="accuracy" value={component.metric ?? ""} onChange={(metric) => change({ metric })} />}</Field>
            <div className="field"><div className="lb">Best is</div><Segmented label="Best is" value={component.goal ?? "max"} options={[["max", "the most"], ["min", "the least"]]} onChange={(goal) => change({ goal })} /></div>
          </div>
          <EarlyStoppingFields component={component} wrong={(field) => wrongs[field]} onChange={(early_stopping) => change({ early_stopping })} />
        </>
      )}
      <Field label="When memory runs out" optional error={wrong("on_out_of_memory")} hint="Where there is more: a rung of its list that has it, else the next larger slice of the same GPU.">
        {(field) => (
          <select {...field} className="in" value={component.on_out_of_memory ?? ""} onChange={(event) => change({ on_out_of_memory: event.target.value === "" ? null : (event.target.value as Schemas["OnOutOfMemory"]) })}>
            <option value="">as usual: {sweeps ? "the trial begins anew where there is more" : "the job fails"}</option>
            <option value="climb">climb: begin anew where there is more</option>
            <option value="fail">fail</option>
          </select>
        )}
      </Field>
      <div className="fields">
        <Field label="Only if" optional error={wrong("when")}>{(field) => <Late {...field} className="in mono" placeholder="train.best.metrics.accuracy > 0.9" value={component.when ?? ""} onChange={(when) => change({ when })} />}</Field>
        <Field label="Stop after" optional error={wrong("time_limit")}>{(field) => <Late {...field} className="in" placeholder="no limit" value={component.time_limit ?? ""} onChange={(time_limit) => change({ time_limit })} />}</Field>
      </div>
      <Field label="Ask before it starts" optional error={wrong("approval")}>{(field) => <Late {...field} className="in" placeholder="Is the model good enough to be served?" value={component.approval ?? ""} onChange={(approval) => change(approval === "" ? { approval, approvers: [] } : { approval })} />}</Field>
      {component.approval && (
        <Field label="Who may answer" optional hint="Names of users, with commas; else everybody of the project" error={wrong("approvers") ?? wrong("approvers[0]")}>{(field) => <Late {...field} className="in" value={(component.approvers ?? []).join(", ")} onChange={(names) => change({ approvers: names.split(/[\s,]+/).filter(Boolean) })} />}</Field>
      )}
    </aside>
  );
}
