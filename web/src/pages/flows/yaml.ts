// SPDX-License-Identifier: Apache-2.0
import { Document, isMap, isScalar, isSeq, parse, visit, YAMLParseError } from "yaml";
import { slimRule } from "./early-stopping";
import { layersOf, needsOf, type Component, type Definition } from "./definition";

/** What a part of a flow has besides texts: all other values are texts, so that `rate: 0.1` needs no quotes. */
interface Kinds {
  bare: Set<string>;
  /** Where one value may stand for a list of one. */
  lists: Set<string>;
}
const ofFlow: Kinds = { bare: new Set(["cache"]), lists: new Set() };
const ofComponent: Kinds = { bare: new Set(["retries", "restartable", "priority", "trials", "seed", "parallel", "may_fail", "cache"]), lists: new Set(["on", "after", "outputs", "approvers"]) };
const ofRange: Kinds = { bare: new Set(["low", "high", "log", "whole"]), lists: new Set(["choices"]) };
const ofStopping: Kinds = { bare: new Set(["after", "every", "others", "eta"]), lists: new Set() };

/** What stands at "components.train.retries", "components.train.random.rate.low", "components.train.early_stopping.after". */
function kindsAt(path: string[]): Kinds | undefined {
  if (path.length === 1) return ofFlow;
  const [, , part, ...rest] = path;
  if (part === undefined) return undefined;
  if (rest.length === 0) return ofComponent;
  if (part === "early_stopping" && rest.length === 1) return ofStopping;
  return part === "random" && rest.length === 2 ? ofRange : undefined;
}

function typed(value: unknown, path: string[]): unknown {
  if (Array.isArray(value)) return value.map((one) => typed(one, [...path, ""]));
  if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, typed(one, [...path, name])]));
  const kinds = kindsAt(path);
  const field = path.at(-1) ?? "";
  if (kinds?.bare.has(field) && typeof value === "string" && value !== "") {
    if (value === "true" || value === "false") return value === "true";
    return Number.isNaN(Number(value)) ? value : Number(value);
  }
  if (kinds?.lists.has(field)) return value === "" || value === null ? [] : [value];
  return value ?? "";
}

/** What a YAML file of a flow says, as the API takes it; or what is wrong with it, and in which line. */
export function fromYaml(text: string): { definition: Definition } | { wrong: string; line: number | undefined } {
  try {
    const read: unknown = parse(text, { schema: "failsafe", prettyErrors: true });
    if (read === null || typeof read !== "object" || Array.isArray(read)) return { wrong: "A flow has a name and components.", line: undefined };
    const definition = typed(read, []) as Definition;
    if (typeof definition.components !== "object" || Array.isArray(definition.components)) return { wrong: "A flow has components by name.", line: undefined };
    return { definition };
  } catch (error) {
    if (error instanceof YAMLParseError) return { wrong: error.message.split("\n")[0]!.replace(/ at line.*$/, ""), line: error.linePos?.[0].line };
    throw error;
  }
}

const isEmpty = (value: unknown): boolean =>
  value === "" || value === 0 || value === false || value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);

/** A definition without what says nothing: defaults are left out. */
export function slim(definition: Definition): Definition {
  const components = Object.fromEntries(Object.entries(definition.components).map(([name, component]) => {
    const stopping = slimRule(component.early_stopping);
    const said = stopping ? { ...component, early_stopping: stopping } : component;
    const kept = Object.entries(said).filter(([field, value]) => !isEmpty(value) && !(field === "kind" && value === "job") && !(field === "goal" && (value === "max" || component.kind !== "sweep")));
    return [name, Object.fromEntries(kept) as unknown as Component];
  }));
  const { name, description, parameters } = definition;
  return { name, ...(description ? { description } : {}), ...(isEmpty(parameters) ? {} : { parameters: parameters! }), components };
}

/** The same as a YAML file, as people write it: steps in the order in which they run, short lists on one line. */
export function toYaml(definition: Definition): string {
  const order = layersOf(Object.keys(definition.components).map((name) => ({ name, needs: needsOf(name, definition) }))).flat();
  const { components, ...head } = slim(definition);
  const document = new Document({ ...head, components: Object.fromEntries(order.map((name) => [name, components[name]])) });
  visit(document, {
    Collection: (_, node) => {
      const values: unknown[] = isSeq(node) ? node.items : isMap(node) ? node.items.map((pair) => pair.value) : [];
      const words = values.map((value) => (isScalar(value) ? String(value.value) : isSeq(value) && value.items.every(isScalar) ? value.items.map((one) => String((one as { value: unknown }).value)).join(", ") : "\n"));
      if (values.length > 0 && !words.some((word) => word.includes("\n")) && words.join(", ").length < 84) node.flow = !isMap(node) || !node.has("on");
    },
  });
  return document.toString({ lineWidth: 110, flowCollectionPadding: false });
}
