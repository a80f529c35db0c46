// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { depths, numbersOf, typedOf, type Account } from "./quota";

test("empty is no limit, zero is zero, and words are refused", () => {
  expect(numbersOf({ slices: "14", borrow_slices: "0", lend_slices: " ", memory_mib: "80", priority_ceiling: "-3" }).numbers).toEqual({ slices: 14, borrow_slices: 0, memory_mib: 81920, priority_ceiling: -3 });
  expect(numbersOf({ slices: "many", weight: "0" }, { weight: 1 }).wrongs).toEqual({ slices: "A whole number, or nothing for no limit.", weight: "At least 1." });
  expect(typedOf(["slices", "memory_mib", "weight"], { memory_mib: 81920, slices: null })).toEqual({ slices: "", memory_mib: "80", weight: "" });
});

test("a tree of teams, with circles cut off", () => {
  const account = (kind: "team" | "project", name: string, parent: string) => ({ kind, name, parent }) as Account;
  expect([...depths([account("team", "a", ""), account("team", "b", "a"), account("project", "p", "b")]).values()]).toEqual([0, 1, 2]);
  expect(depths([account("team", "x", "y"), account("team", "y", "x")]).size).toBe(2);
});
