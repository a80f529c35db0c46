// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { activityOf } from "./activity";

test("use is known by attempt, over all it holds, and only while it is fresh", () => {
  const now = 1_000_000_000;
  const known = activityOf({
    at: now,
    items: [
      { kind: "instance", attempt: "7.1", at: now, values: { activity: 0.5 } },
      { kind: "gpu", attempt: "8.1", at: now, values: { activity: 1 } },
      { kind: "gpu", attempt: "8.1", at: now, values: { activity: 0.8 } },
      { kind: "instance", attempt: "9.1", at: now - 120e6, values: { activity: 0.9 } },
      { kind: "instance", attempt: "10.1", at: now, values: { memory_used: 12 } },
      { kind: "instance", at: now, values: { activity: 0.1 } },
    ],
  });
  expect([...known]).toEqual([["7.1", 50], ["8.1", 90]]);
});
