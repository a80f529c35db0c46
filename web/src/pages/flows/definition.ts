// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from "../../api/client";

export type Definition = Schemas["FlowDefinition"];
export type Component = Definition["components"][string];

/** The component an input comes from: "train.best.model" is of "train"; a file or an artifact of none. */
export function sourceOf(input: string, components: Definition["components"]): string | undefined {
  if (input.startsWith("./") || input.startsWith("sha256:")) return undefined;
  const name = input.split(".")[0] ?? "";
  return name in components ? name : undefined;
}

/** What a component waits for, by name: those it says, those its inputs come from, the one its condition speaks of. */
export function needsOf(name: string, definition: Definition): string[] {
  const component = definition.components[name];
  if (!component) return [];
  const of = [...(component.after ?? []), ...Object.values(component.inputs ?? {}).map((input) => sourceOf(input, definition.components)), sourceOf(component.when ?? "", definition.components)];
  return [...new Set(of.filter((one) => one !== undefined && one !== name && one in definition.components))] as string[];
}

export type Kind = NonNullable<Component["kind"]>;
export const kindWords: Record<Kind, string> = { job: "job", sweep: "sweep", endpoint: "endpoint", workspace: "notebook" };

/** There to be used by others, rather than run to its end. */
export const isService = (component: Component): boolean => component.kind === "endpoint" || component.kind === "workspace";

/** How many jobs it unfolds into, as far as its grid says; nothing where that is not to be told here. */
export function trialsOf(component: Component): number | undefined {
  if (component.kind !== "sweep") return 1;
  if (component.trials) return component.trials;
  const grid = Object.values(component.grid ?? {});
  return grid.length > 0 ? grid.reduce((product, values) => product * values.length, 1) : undefined;
}

/** Layers from left to right: each component stands after all it needs. One in a circle stands where it was met. */
export function layersOf(steps: { name: string; needs: string[] }[]): string[][] {
  const depth = new Map<string, number>();
  const byName = new Map(steps.map((step) => [step.name, step]));
  const deep = (name: string, above: Set<string>): number => {
    const known = depth.get(name);
    if (known !== undefined) return known;
    if (above.has(name)) return 0;
    const needs = byName.get(name)?.needs ?? [];
    const found = needs.reduce((most, one) => Math.max(most, byName.has(one) ? deep(one, new Set([...above, name])) + 1 : 0), 0);
    depth.set(name, found);
    return found;
  };
  const layers: string[][] = [];
  for (const { name } of steps) (layers[deep(name, new Set())] ??= []).push(name);
  return Array.from(layers, (layer) => layer ?? []).filter((layer) => layer.length > 0);
}
