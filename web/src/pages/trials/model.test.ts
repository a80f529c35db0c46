// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { axesOf, bestOf, cellOf, columnsOf, lessIsBetter, type Run } from "./model";

const run = (id: string, params: Record<string, string>, metrics: Record<string, number | string>): Run => ({ id, name: id, params, metrics, tags: { "nav.on": "cpu", "mlflow.user": "ada" } }) as unknown as Run;
const runs = [run("a", { lr: "0.001", kind: "tree" }, { acc: 0.8 }), run("b", { lr: "0.1", kind: "net" }, { acc: 0.9 }), run("c", { lr: "0.01" }, { acc: "NaN" })];

test("the best is by what is known", () => {
  expect(bestOf(runs, "acc", false)?.id).toBe("b");
  expect(bestOf(runs, "acc", true)?.id).toBe("a");
  expect(bestOf(runs, "loss", true)).toBeUndefined();
  expect([lessIsBetter("val_loss"), lessIsBetter("accuracy")]).toEqual([true, false]);
});

test("columns are what runs have, without what is the library's own", () => {
  expect(columnsOf(runs)).toEqual(["metrics.acc", "params.kind", "params.lr", "tags.nav.on"]);
  expect([cellOf(runs[2]!, "metrics.acc"), cellOf(runs[2]!, "params.kind"), cellOf(runs[0]!, "tags.nav.on")]).toEqual(["NaN", undefined, "cpu"]);
});

test("axes are of what differs, by powers of ten where values are far apart", () => {
  const axes = axesOf(runs, "acc");
  expect(axes.map((axis) => axis.name)).toEqual(["kind", "lr", "acc"]);
  expect(axes[1]!.place(runs[2]!)).toBeCloseTo(0.5);
  expect(axes[2]!.place(runs[2]!)).toBeUndefined();
});
