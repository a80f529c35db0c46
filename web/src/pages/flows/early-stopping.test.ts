// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { meaningOf, slimRule, withRule } from "./early-stopping";

test("a rule says what differs from the usual, and always which it is", () => {
  expect(slimRule({ rule: "asha", metric: "", goal: null, after: 2, every: 1, others: 3, eta: 3 })).toEqual({ rule: "asha", after: 2 });
  expect(slimRule({})).toEqual({ rule: "median" });
  expect([slimRule(null), slimRule(undefined)]).toEqual([undefined, undefined]);
});

test("another rule keeps what both know", () => {
  expect(withRule({ rule: "median", metric: "loss", after: 5, every: 10, others: 4 }, "asha")).toEqual({ rule: "asha", metric: "loss", after: 5 });
  expect(withRule({ rule: "asha", eta: 4 }, "asha")).toEqual({ rule: "asha", eta: 4 });
  expect(withRule(null, "median")).toEqual({ rule: "median" });
});

test("what a rule means is said with its numbers", () => {
  expect(meaningOf({ rule: "asha", after: 2 })).toBe("At steps 2, 6, 18 and so on: of those that have come so far one in 3 goes on.");
  expect(meaningOf({ rule: "median", every: 10, others: 1 })).toBe("At step 1 and every 10 steps beyond it, once 1 other has come so far: who is worse than their median is ended.");
});
