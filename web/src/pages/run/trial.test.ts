// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { answerOf, costOf, placeOf, startWords, whenWords, whereWords, type Trial } from "./trial";

const now = Date.UTC(2026, 10, 22, 12) * 1000;
const rung = (can: "now" | "later" | "never") => ({ on: "cpu", can, start: { confidence: "unknown" as const }, sentence: "", holders: [] });
const trial = (start: Trial["start"], more: Partial<Trial> = {}): Trial => ({ count: 1, now: 1, start, sentence: "", rungs: [rung("now"), rung("later")], ...more });

test("places are read as the API writes them", () => {
  expect(placeOf("gpu2 1g.5gb@4")).toEqual({ gpu: 2, placement: "1g.5gb@4", start: 4 });
  expect(placeOf("gpu0")).toEqual({ gpu: 0 });
  expect([placeOf("gpu0 gpu1"), placeOf("cpu"), placeOf(undefined)]).toEqual([undefined, undefined, undefined]);
  expect(whereWords({ confidence: "now", node: "dgx-0", place: "gpu0 gpu1" })).toBe("GPU 0 GPU 1 of dgx-0");
});

test("the answer comes first, and never differs from not now", () => {
  const here = { confidence: "now" as const, at: now, rung: 1, on: "cpu", node: "dgx-0", place: "cpu" };
  expect(answerOf(trial(here), now)).toMatchObject({ title: "Starts now", text: "on its second choice, cpu: dgx-0." });
  expect(answerOf(trial(here, { count: 9, now: 7 }), now).title).toBe("7 of 9 start now");
  expect(answerOf(trial({ ...here, confidence: "at_latest", at: now + 900e6 }), now).text).toContain("In 15 min at the latest");
  expect(answerOf(trial({ confidence: "unknown" }), now).title).toBe("It will wait");
  expect(answerOf(trial({ confidence: "unknown" }, { rungs: [rung("never")] }), now).title).toBe("It would never start");
  expect(whenWords("later", { confidence: "unknown" })).toBe("not known");
});

test("a waiting job is told how sure its start is", () => {
  const there = { at: now + 900e6, on: "mig-1g.5gb", node: "dgx-0", place: "gpu2 1g.5gb@4" };
  expect(startWords({ ...there, confidence: "at_latest" }, now)).toMatch(/^It would start by .*, in 15 min at the latest, on mig-1g.5gb: 1g.5gb@4 of dgx-0, GPU 2\.$/);
  expect(startWords({ ...there, confidence: "likely" }, now)).toContain("likely in 15 min");
  expect(startWords({ confidence: "unknown" }, now)).toContain("nobody can say");
});

test("what has no price is not free", () => {
  expect(costOf({ confidence: "now", price_micro: 0 }, 3600e6)).toBeUndefined();
  expect(costOf({ confidence: "now", price_micro: 500_000 }, 7200e6)).toEqual({ hour: 0.5, most: 1 });
});

test("a gang is answered for as one, with how many of it are where", () => {
  const members = ["dgx-0", "dgx-0", "dgx-1"].map((node, at) => ({ node, place: `gpu${at}` }));
  const gang = { confidence: "now" as const, at: now, rung: 0, on: "a100", node: "dgx-0", place: "gpu0", members };
  expect(answerOf(trial(gang), now)).toMatchObject({ title: "Starts now", text: "All 3 members together, on its first choice, a100: 2 members on dgx-0, 1 on dgx-1." });
  expect(answerOf(trial(gang, { count: 3, now: 1 }), now).title).toBe("1 of 3 gangs start now");
  expect(whereWords({ ...gang, members: [1, 2, 3, 4, 5, 6].map((n) => ({ node: `n${n}`, place: "cpu" })) })).toBe("1 member on n1, 1 on n2, 1 on n3 and 3 nodes more");
  expect(startWords({ ...gang, confidence: "at_latest", at: now + 900e6 }, now)).toMatch(/^All its members would start by /);
});
