// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { BoardCount, Gpu, Job, Node } from "../../api/client";
import { afterMoves, isEmpty, progressOf, touchedBy } from "./moved";

const slice = (placement: string, memory_slices: number, holder?: string) => ({ placement, start: Number(placement.split("@")[1]), memory_slices, state: holder ? "held" as const : "idle" as const, ...(holder ? { holder } : {}) });
const gpu = (index: number, slices: Gpu["slices"], stranded: number[] = []) => ({ index, family: "a100", memory_slices: 8, mode: "mig", state: "idle", slices, stranded }) as unknown as Gpu;
const boards = [{ family: "a100", profiles: [{ name: "3g.20gb", memory_slices: 4 }] }] as unknown as BoardCount[];
const move = { job: 7, from_node: "a", from_place: "gpu0 3g.20gb@4", node: "b", place: "gpu1 3g.20gb@0" };

test("who moves is drawn where it goes, and no longer where it was", () => {
  const from = afterMoves({ name: "a" }, gpu(0, [slice("3g.20gb@4", 4, "7.1")], [3]), [move], boards);
  expect(from.slices).toEqual([]);
  expect([isEmpty(from), from.stranded]).toEqual([true, []]);
  const to = afterMoves({ name: "b" }, gpu(1, [slice("1g.5gb@2", 1), slice("3g.20gb@4", 4, "8.1")]), [move], boards);
  expect(to.slices.map((one) => [one.placement, one.holder])).toEqual([["3g.20gb@0", "7.0"], ["3g.20gb@4", "8.1"]]);
});

test("a whole GPU that is left is nobody's, and one that is taken is theirs", () => {
  const whole = { ...move, from_place: "gpu0", place: "gpu1" };
  const held = { ...gpu(0, []), state: "held", holder: "7.2" } as Gpu;
  expect(afterMoves({ name: "a" }, held, [whole], boards)).toMatchObject({ state: "idle", slices: [] });
  expect(afterMoves({ name: "a" }, held, [whole], boards).holder).toBeUndefined();
  expect(afterMoves({ name: "b" }, gpu(1, []), [whole], boards)).toMatchObject({ state: "held", holder: "7.0" });
});

test("each GPU that is touched is there once", () => {
  const nodes = [{ name: "a", gpus: [gpu(0, []), gpu(1, [])] }, { name: "b", gpus: [gpu(0, []), gpu(1, [])] }] as unknown as Node[];
  expect(touchedBy([move, { ...move, job: 8 }], nodes).map((one) => `${one.node.name}/${one.gpu.index}`)).toEqual(["a/0", "b/1"]);
});

test("how far a move has come is told from where its job is", () => {
  const at = (node: string, place: string, state: Job["state"]) => progressOf(move, { node, place, state } as Job);
  expect([at("a", "gpu0 3g.20gb@4", "running"), progressOf(move, undefined), at("b", "gpu1 3g.20gb@0", "starting"), at("b", "gpu1 3g.20gb@0", "running")].map((one) => one.words)).toEqual(["stops", "between its places", "starts there", "runs there"]);
  expect(at("c", "gpu0 3g.20gb@0", "running").words).toBe("is elsewhere: c gpu0 3g.20gb@0");
});
