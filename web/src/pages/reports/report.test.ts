// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { csvOf, numberText, runsOf, type Report } from "./report";

test("what is not known is empty in a table and breaks a line", () => {
  const report = {
    by: ["team"], columns: [{ name: "gpu_hours", unit: "", text: "" }, { name: "cost", unit: "", text: "" }],
    rows: [{ names: ["a, b"], numbers: { gpu_hours: 41.5 } }, { names: ["c"], numbers: { gpu_hours: 0, cost: 2 } }],
  } as unknown as Report;
  expect(csvOf(report)).toBe('team,gpu_hours,cost\n"a, b",41.5,\nc,0,2\n');
  expect(runsOf([0, 10, 20, 50, 60], [1, 2, 3, 4, 5], 10)).toEqual([[[0, 1], [10, 2], [20, 3]], [[50, 4], [60, 5]]]);
  expect([undefined, 0, 0.126, 41.52, 12_345].map(numberText)).toEqual(["?", "0", "0.13", "41.5", "12\u2009345"]);
});
