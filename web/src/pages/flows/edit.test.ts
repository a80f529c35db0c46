// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { needsOf, type Definition } from "./definition";
import { fromYaml } from "./yaml";
import { connected, exampleFor, gridOf, gridText, placeOfRefusal, renamed, withStep } from "./edit";

const offered = [{ name: "mig-1g.5gb", kind: "slice" }, { name: "mig-2g.10gb", kind: "slice" }, { name: "a100", kind: "gpus", gpus: 1 }, { name: "a100-x2", kind: "gpus", gpus: 2 }, { name: "cpu", kind: "cpu" }] as const;
const example = exampleFor([...offered]);
const flow = (fromYaml(example) as { definition: Definition }).definition;

test("the example is a flow", () => {
  expect(Object.keys(flow.components)).toEqual(["prepare", "train", "infer"]);
  expect(flow.components.train!.command[2]).toContain('printf "{\\"accuracy\\": %.4f}"');
});

test("the example asks for what is offered, and without a GPU for the processor", () => {
  expect(["prepare", "train", "infer"].map((step) => flow.components[step]!.on)).toEqual([["a100", "cpu"], ["mig-1g.5gb"], ["mig-1g.5gb:wait=2m", "cpu"]]);
  const poor = (fromYaml(exampleFor([{ name: "cpu", kind: "cpu" }])) as { definition: Definition }).definition;
  expect(Object.values(poor.components).map((one) => one.on)).toEqual([["cpu"], ["cpu"], ["cpu"]]);
  expect(poor.description).toBe("Prepares, tries six trainings, uses the best.");
});

test("a renamed step is renamed wherever it is spoken of, and one that goes is forgotten", () => {
  const other = renamed(flow, "train", "fit");
  expect(other.components.infer).toMatchObject({ when: "fit.best.metrics.accuracy > 0.8", inputs: { "model.txt": "fit.best.model.txt" } });
  const gone = renamed(flow, "train", undefined);
  expect(gone.components.infer).toMatchObject({ when: "", inputs: {} });
  expect(Object.keys(gone.components)).toEqual(["prepare", "infer"]);
});

test("ways are made once, and never a circle", () => {
  const { flow: more, name } = withStep(flow, "job");
  expect(needsOf(name, connected(more, "infer", name))).toEqual(["infer"]);
  expect(connected(flow, "infer", "prepare")).toBe(flow);
  expect(connected(flow, "prepare", "train")).toBe(flow);
});

test("a refusal lands on its step, also where a name has dots", () => {
  const dotted = { ...flow, components: { ...flow.components, "train.v2": flow.components.train! } };
  expect(placeOfRefusal("definition.components.train.v2.on[0]", dotted)).toEqual({ step: "train.v2", field: "on[0]" });
  expect(placeOfRefusal("definition.name", dotted)).toEqual({ step: undefined, field: "name" });
});

test("a grid is written a line a parameter", () => {
  expect(gridOf(gridText(flow.components.train!.grid))).toEqual(flow.components.train!.grid);
});
