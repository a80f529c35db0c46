// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { runsOf, stacked } from "./runs";

test("a step in which nothing is known breaks a line", () => {
  expect(runsOf([0, 10, 20, 50, 60], [1, 2, 3, 4, 5], 10)).toEqual([[[0, 1], [10, 2], [20, 3]], [[50, 4], [60, 5]]]);
});

test("layers stand on each other where the whole is known, and nowhere else", () => {
  const base = { name: "all", at: [0, 10, 30], values: [8, 8, 8] };
  const layers = [{ name: "a", at: [0, 10, 20], values: [1, 2, 9] }, { name: "b", at: [10, 30], values: [3, 4] }];
  expect(stacked(base, layers)).toEqual({ at: [0, 10, 30], base: [8, 8, 8], tops: [[1, 2, 0], [1, 5, 4]] });
});
