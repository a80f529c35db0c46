// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Job } from "./client";
import { membersOf } from "./queries";

test("a gang is listed as its first member, and each of its vessels has an owner", () => {
  const first = { id: 40, name: "sum", project: "lab", gang: { first: 40, rank: 0, members: 3 }, node: "dgx-0", place: "gpu0", started: 7 } as Job;
  const all = membersOf(first);
  expect(all.map((one) => [one.id, one.name, one.gang!.rank])).toEqual([[40, "sum", 0], [41, "sum", 1], [42, "sum", 2]]);
  expect([all[0]!.place, all[1]!.place, all[1]!.started]).toEqual(["gpu0", undefined, undefined]);
  const alone = { id: 7 } as Job;
  expect(membersOf(alone)).toEqual([alone]);
});
