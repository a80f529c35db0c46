// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Gpu, Job } from "../api/client";
import { marksOf, profileWord, sumsOf } from "./marks";

const a100 = (changed: Partial<Gpu>): Gpu => ({
  index: 0, uuid: "GPU-1", model: "NVIDIA A100-SXM4-40GB", family: "a100", memory_mib: 40960, memory_slices: 8, mig_capable: true, mode: "mig", policy: "managed",
  state: "idle", slices: [], stranded: [], ...changed,
});
const jobs = new Map([[7, { id: 7, state: "running" } as Job], [8, { id: 8, state: "starting" } as Job]]);
const drawn = (gpu: Gpu, activity?: Map<string, number>) => marksOf({ name: "dgx-1" }, gpu, jobs, activity).map((mark) => `${mark.state}@${mark.start}+${mark.span}`);

test("every memory slice is drawn once, held, ready, set aside, uncut or stranded", () => {
  const gpu = a100({
    slices: [
      { placement: "3g.20gb@4", start: 4, memory_slices: 4, state: "set_aside", reason: "XID 94" },
      { placement: "1g.5gb@0", start: 0, memory_slices: 1, state: "held", holder: "7.1" },
      { placement: "1g.5gb@1", start: 1, memory_slices: 1, state: "idle" },
    ],
    stranded: [3],
  });
  expect(drawn(gpu)).toEqual(["unknown@0+1", "ready@1+1", "free@2+1", "stranded@3+1", "aside@4+4"]);
});

test("what is not measured is not idle", () => {
  const gpu = a100({ slices: [{ placement: "1g.5gb@0", start: 0, memory_slices: 1, state: "held", holder: "7.1" }] });
  expect(drawn(gpu)[0]).toBe("unknown@0+1");
  expect(drawn(gpu, new Map([["7.1", 0]]))[0]).toBe("idle@0+1");
  expect(drawn(gpu, new Map([["7.1", 80]]))[0]).toBe("active@0+1");
});

test("on a GPU that is set aside while jobs end on it, they are drawn and the rest is nobody's", () => {
  const gpu = a100({ state: "set_aside", reason: "by hand: its fan is loud", mode: "mig", slices: [{ placement: "3g.20gb@4", start: 4, memory_slices: 4, state: "held", holder: "7.1" }] });
  const marks = marksOf({ name: "dgx-1" }, gpu, jobs);
  expect(marks.map((mark) => mark.state)).toEqual(["aside", "aside", "aside", "aside", "unknown"]);
  expect(marks[0]!.reason).toBe("by hand: its fan is loud");
});

test("a GPU held or set aside as a whole is one piece", () => {
  expect(drawn(a100({ mode: "whole", state: "held", holder: "8.1" }))).toEqual(["cut@0+8"]);
  expect(drawn(a100({ state: "set_aside", reason: "XID 79" }))).toEqual(["aside@0+8"]);
});

test("a board that cannot be cut is one piece, and its sums are of it", () => {
  const v100 = a100({ memory_slices: 0, mig_capable: false, mode: "whole" });
  expect(drawn(v100)).toEqual(["free@0+1"]);
  const node = { name: "n", state: "ready", gpus: [v100, a100({})] } as never;
  expect(sumsOf([node], jobs)).toMatchObject({ free: 9, gone: 0 });
  expect(sumsOf([{ name: "n", state: "unreachable", gpus: [v100] } as never], jobs)).toMatchObject({ free: 0, gone: 1 });
});

test("names fit where they stand", () => {
  const mark = (placement: string, span: number) => profileWord({ key: "", start: 0, span, state: "ready", whole: false, placement });
  expect([mark("1g.5gb@4", 1), mark("1g.10gb@4", 2), mark("3g.20gb@4", 4)]).toEqual(["1g", "1g.10gb", "3g.20gb"]);
});
