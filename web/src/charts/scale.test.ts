// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { levelsOf, nearest, scaleOf, ticksOf } from "./scale";

test("what lies outside stays at the edge", () => {
  const scale = scaleOf(100, 200, 0, 50);
  expect([50, 100, 150, 200, 900].map(scale)).toEqual([0, 0, 25, 50, 50]);
});

test("ticks are round moments, never more than fit", () => {
  expect(ticksOf(0, 60e6, 6)).toEqual([0, 10e6, 20e6, 30e6, 40e6, 50e6, 60e6]);
  expect(ticksOf(7e6, 7e6 + 3600e6, 4)).toEqual([900e6, 1800e6, 2700e6, 3600e6]);
});

test("levels are round and reach over the most", () => {
  expect(levelsOf(168)).toEqual([0, 100, 200]);
  expect(levelsOf(0.93)).toEqual([0, 0.5, 1]);
  expect(levelsOf(0)).toEqual([0, 1]);
});

test("the nearest of a sorted list", () => {
  expect([nearest([0, 10, 20], 4), nearest([0, 10, 20], 16), nearest([5], 99), nearest([0, 10], 10)]).toEqual([0, 2, 0, 1]);
});
