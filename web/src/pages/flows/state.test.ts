// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { climbedTo, progressWords, type FlowTrial, type RunComponent } from "./state";

const trial = (number: number, state: FlowTrial["state"], more: Partial<FlowTrial> = {}): FlowTrial => ({ number, job: number, state, parameters: {}, metrics: {}, outputs: [], ...more });

test("a trial that was stopped early is neither done nor failed", () => {
  const trials = [trial(0, "succeeded"), trial(1, "cancelled", { stopped_early: "worse" }), trial(2, "failed"), trial(3, "running")];
  expect(progressWords({ planned: 6, trials } as unknown as RunComponent)).toBe("1 of 6 done, 1 running, 1 stopped early, 1 not");
});

test("who has what its list does not name has climbed to it", () => {
  const on = ["mig-1g.5gb:wait=2m", "cpu"];
  expect([climbedTo(trial(0, "running", { on: "mig-1g.10gb" }), on), climbedTo(trial(0, "running", { on: "mig-1g.5gb" }), on), climbedTo(trial(0, "queued"), on)]).toEqual(["mig-1g.10gb", undefined, undefined]);
});
