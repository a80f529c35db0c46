// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Attempt } from "../../api/client";
import type { Measured } from "../../api/metrics";
import { linesOf, placesOf } from "./SliceCharts";

test("places name GPUs and a slice", () => {
  expect(placesOf("gpu0 1g.5gb@4")).toEqual({ gpus: ["0"], slice: "1g.5gb@4" });
  expect(placesOf("gpu0 gpu3")).toEqual({ gpus: ["0", "3"], slice: undefined });
  expect(placesOf("cpu")).toEqual({ gpus: [], slice: undefined });
});

test("a chart of a job has its slice while it had it, and nobody else's", () => {
  const attempt = { id: "4.1", place: "gpu0 1g.5gb@4", started: 100e6, ended: 130e6, placed: 99e6 } as Attempt;
  const group = (labels: Record<string, string>) => ({ labels: { kind: "instance", ...labels }, at: [50e6, 110e6, 120e6, 140e6], values: [9, 1, 2, 9] });
  const answer = { groups: [group({ gpu: "0", slice: "1g.5gb@4" }), group({ gpu: "1", slice: "1g.5gb@4" }), group({ gpu: "0", slice: "1g.5gb@5" })] } as unknown as Measured;
  expect(linesOf([answer], [attempt], 0)).toEqual([{ name: "1g.5gb@4", ink: "var(--acc)", at: [110e6, 120e6], values: [1, 2] }]);
});
