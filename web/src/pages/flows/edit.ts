// SPDX-License-Identifier: Apache-2.0
import type { Template } from "../../api/client";
import { needsOf, type Component, type Definition, type Kind } from "./definition";

export const nameRule = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/;

/** A flow with one step more, under a name that is free. */
export function withStep(flow: Definition, kind: Kind): { flow: Definition; name: string } {
  const base = { job: "step", sweep: "train", endpoint: "serve", workspace: "notebook" }[kind];
  let name = base;
  for (let n = 2; name in flow.components; ++n) name = `${base}-${n}`;
  const component: Component = { ...(kind === "job" ? {} : { kind }), ...(kind === "sweep" ? { grid: {} } : {}), on: [], command: [] };
  return { flow: { ...flow, components: { ...flow.components, [name]: component } }, name };
}

/** Whether `name` needs `of`, or what needs it. */
export function needs(flow: Definition, name: string, of: string, above = new Set<string>()): boolean {
  if (name === of) return true;
  if (above.has(name)) return false;
  return needsOf(name, flow).some((one) => needs(flow, one, of, new Set([...above, name])));
}

/** The flow with a way from one step to another; the same flow where that would be a circle. */
export function connected(flow: Definition, from: string, to: string): Definition {
  const component = flow.components[to];
  if (!component || from === to || needs(flow, from, to) || needsOf(to, flow).includes(from)) return flow;
  return changed(flow, to, { after: [...(component.after ?? []), from] });
}

export const changed = (flow: Definition, name: string, change: Partial<Component>): Definition => ({ ...flow, components: { ...flow.components, [name]: { ...flow.components[name]!, ...change } } });

/** Everything that speaks of `before` speaks of `after`; without `after` it is forgotten. */
export function renamed(flow: Definition, before: string, after: string | undefined): Definition {
  const speaks = (text: string) => text === before || text.startsWith(`${before}.`);
  const told = (text: string) => (speaks(text) ? `${after}${text.slice(before.length)}` : text);
  const components = Object.entries(flow.components).flatMap(([name, component]): [string, Component][] => {
    if (name === before && after === undefined) return [];
    const one = { ...component };
    if (one.after) one.after = one.after.filter((need) => after !== undefined || need !== before).map(told);
    if (one.inputs) one.inputs = Object.fromEntries(Object.entries(one.inputs).filter(([, from]) => after !== undefined || !speaks(from)).map(([file, from]) => [file, told(from)]));
    if (one.when) one.when = speaks(one.when) ? (after === undefined ? "" : told(one.when)) : one.when;
    return [[name === before ? after! : name, one]];
  });
  return { ...flow, components: Object.fromEntries(components) };
}

/** The step and field a refusal is about: "definition.components.train.on[0]" is "on" of "train", also where a step's name has dots. */
export function placeOfRefusal(field: string, flow: Definition): { step: string | undefined; field: string } {
  const rest = field.replace(/^definition\./, "");
  if (!rest.startsWith("components.")) return { step: undefined, field: rest };
  const inside = rest.slice("components.".length);
  const step = Object.keys(flow.components).sort((a, b) => b.length - a.length).find((name) => inside === name || inside.startsWith(`${name}.`));
  return { step, field: step ? inside.slice(step.length + 1) : inside };
}

/** "rate: 0.1, 0.01" a line, as a grid. */
export function gridOf(text: string): Record<string, string[]> {
  const lines = text.split("\n").filter((line) => line.includes(":"));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")).trim(), line.slice(line.indexOf(":") + 1).split(",").map((one) => one.trim()).filter(Boolean)]));
}
export const gridText = (grid: Record<string, string[]> | undefined): string => Object.entries(grid ?? {}).map(([name, values]) => `${name}: ${values.join(", ")}`).join("\n");

/**
 * What the editor begins with when it is asked for an example: three steps that need nothing but a shell, on what is offered here. `templates` are in
 * the order of the menu, small before large.
 */
export function exampleFor(templates: Pick<Template, "name" | "kind" | "gpus">[]): string {
  const slice = templates.find((one) => one.kind === "slice")?.name;
  const whole = templates.find((one) => one.kind === "gpus" && (one.gpus ?? 1) === 1)?.name;
  return `name: first-flow
description: Prepares${whole ? " on a whole GPU" : ""}, tries six trainings${slice ? " on a slice each" : ""}, uses the best.
components:
  prepare:
    on: [${whole ? `${whole}, ` : ""}cpu]
    command: [sh, -c, 'seq 1 1000 > "$NAV_OUTPUTS/data.txt"']
    outputs: [data.txt]
  train:
    kind: sweep
    on: [${slice ?? "cpu"}]
    command:
      - sh
      - -c
      - |
        sleep 3
        cp "$NAV_INPUTS/data.txt" "$NAV_OUTPUTS/model.txt"
        awk 'BEGIN { printf "{\\"accuracy\\": %.4f}", 0.7 + 2 * {{rate}} + {{units}} / 1000 }' > "$NAV_OUTPUTS/metrics.json"
    inputs: {data.txt: prepare.data.txt}
    outputs: [model.txt]
    grid: {rate: [0.01, 0.03, 0.1], units: [16, 32]}
    metric: accuracy
  infer:
    on: [${slice ? `${slice}:wait=2m, ` : ""}cpu]
    when: train.best.metrics.accuracy > 0.8
    command: [sh, -c, 'wc -l < "$NAV_INPUTS/model.txt"']
    inputs: {model.txt: train.best.model.txt}
`;
}
