// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { numberText } from "../../charts/numbers";
import { csvOf, exact, type Report } from "./report";
import { reportsSearch, spanOf } from "./search";

test("what is not known is empty in a table, and no name is a formula", () => {
  const report = {
    by: ["team"], columns: [{ name: "gpu_hours", unit: "GPU hours", text: "" }, { name: "cost", unit: "money", text: "" }],
    rows: [{ names: ["a, b"], numbers: { gpu_hours: 41.5 } }, { names: ["=c"], numbers: { gpu_hours: 0, cost: 2 } }], total: { names: [], numbers: { gpu_hours: 41.5 } },
  } as unknown as Report;
  expect(csvOf(report)).toBe("team,gpu_hours (GPU hours),cost (money)\r\n\"a, b\",41.5,\r\n'=c,0,2\r\n(all),41.5,\r\n");
});

test("numbers for machines are exact, those for people short", () => {
  expect([0.00001234, 0.0001, 1e16, 12.5, 0].map(exact)).toEqual(["1.234e-05", "0.0001", "1e+16", "12.5", "0"]);
  expect([undefined, 0, 0.126, 0.8041, 41.52, 12_345, 0.0003].map(numberText)).toEqual(["?", "0", "0.126", "0.804", "41.5", "12\u2009345", "3.0e-4"]);
});

test("a range of one's own is whole and in order, or it is none", () => {
  const own = reportsSearch({ since: "2026-11-22T10:00", until: "2026-11-22T12:00", range: "7d" });
  expect(spanOf(own)).toEqual({ since: Date.UTC(2026, 10, 22, 10) * 1000, until: Date.UTC(2026, 10, 22, 12) * 1000, step: 60e6, moving: false });
  expect(reportsSearch({ since: "2026-11-22T12:00", until: "2026-11-22T10:00" })).toEqual({});
  expect(reportsSearch({ since: "yesterday", until: "2026-11-22T10:00", by: "moon" })).toEqual({});
});
