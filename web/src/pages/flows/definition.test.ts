// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { layersOf, needsOf, trialsOf, type Definition } from "./definition";
import { fromYaml, slim, toYaml } from "./yaml";

const announced = readFileSync(new URL("../../../../examples/announced/flow.yaml", import.meta.url), "utf8");

function read(text: string): Definition {
  const found = fromYaml(text);
  if ("wrong" in found) throw new Error(found.wrong);
  return found.definition;
}

test("values are texts, numbers only where the API has numbers", () => {
  const flow = read("name: a\ncomponents:\n  b:\n    on: cpu\n    command: [echo, 1.50]\n    retries: 2\n    grid: {rate: [0.010, yes]}\n    random: {lr: {low: 0.1, log: true}}\n");
  expect(flow.components.b).toEqual({ on: ["cpu"], command: ["echo", "1.50"], retries: 2, grid: { rate: ["0.010", "yes"] }, random: { lr: { low: 0.1, log: true } } });
});

test("whether results are handed on is a truth, of the flow and of a step, and no parameter's", () => {
  const flow = read("name: a\ncache: true\nparameters: {cache: true}\ncomponents:\n  b:\n    on: cpu\n    command: [a]\n    cache: false\n    approval: May it?\n    approvers: ada\n");
  expect(flow).toMatchObject({ cache: true, parameters: { cache: "true" } });
  expect(flow.components.b).toMatchObject({ cache: false, approval: "May it?", approvers: ["ada"] });
});

test("early stopping has numbers, and says nothing that is usual", () => {
  const flow = read("name: a\ncomponents:\n  b:\n    kind: sweep\n    on: [cpu]\n    command: [a]\n    env: {after: 5}\n    early_stopping: {rule: asha, after: 2, eta: 3}\n    on_out_of_memory: fail\n");
  expect(flow.components.b).toMatchObject({ env: { after: "5" }, early_stopping: { rule: "asha", after: 2, eta: 3 }, on_out_of_memory: "fail" });
  expect(toYaml(flow)).toContain("    early_stopping: {rule: asha, after: 2}\n    on_out_of_memory: fail\n");
  expect(toYaml(read("name: a\ncomponents:\n  b:\n    kind: sweep\n    on: [cpu]\n    command: [a]\n    early_stopping: {}\n"))).toContain("early_stopping: {rule: median}");
});

test("a flow that is written and read again is the same", () => {
  const flow = read(announced);
  expect(read(toYaml(flow))).toEqual(slim(flow));
  expect(Object.keys(flow.components)).toEqual(["prepare", "train", "infer"]);
});

test("what is no YAML is said with its line", () => {
  expect(fromYaml("name: a\ncomponents: [\n")).toMatchObject({ line: expect.any(Number) as number });
  expect(fromYaml("just words")).toMatchObject({ wrong: "A flow has a name and components." });
});

test("components stand after all they need, and circles do not hang", () => {
  const flow = read(announced);
  expect(needsOf("infer", flow).sort()).toEqual(["prepare", "train"]);
  expect(trialsOf(flow.components.train!)).toBe(18);
  expect(layersOf(Object.keys(flow.components).map((name) => ({ name, needs: needsOf(name, flow) })))).toEqual([["prepare"], ["train"], ["infer"]]);
  expect(layersOf([{ name: "a", needs: ["b"] }, { name: "b", needs: ["a"] }]).flat().sort()).toEqual(["a", "b"]);
});
