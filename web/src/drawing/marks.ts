// SPDX-License-Identifier: Apache-2.0
import type { Gpu, Job, Node, Slice } from "../api/client";
import { jobOf } from "../api/queries";

/**
 * What a piece of a GPU is to people. `active`, `idle` and `unknown` are held: by what was measured of their use, and not measured is never zero.
 */
export type MarkState = "active" | "idle" | "unknown" | "cut" | "ready" | "free" | "stranded" | "aside";

/** One thing drawn on a GPU: an instance, the GPU held whole, or a memory slice nobody has. */
export interface Mark {
  key: string; // "dgx-1/0/1g.5gb@4", unique in the pool and fit for an address
  start: number;
  span: number;
  state: MarkState;
  whole: boolean;
  placement?: string;
  job?: number;
  attempt?: string;
  reason?: string;
  activity?: number; // percent
}

/** What is known of use, by attempt: percent, or not measured. */
export type Activity = ReadonlyMap<string, number>;

/** How many memory slices it is drawn with: a GPU that cannot be cut is one piece. */
export const slicesOf = (gpu: Gpu): number => Math.max(1, gpu.memory_slices);

function heldState(holder: string, jobs: ReadonlyMap<number, Job>, activity: Activity): Pick<Mark, "state" | "activity"> {
  // Cut and started by its node: nothing can be measured of it yet.
  if (jobs.get(jobOf(holder))?.state === "starting") return { state: "cut" };
  const used = activity.get(holder);
  if (used === undefined) return { state: "unknown" };
  return { state: used < 5 ? "idle" : "active", activity: used };
}

function sliceMark(prefix: string, slice: Slice, jobs: ReadonlyMap<number, Job>, activity: Activity): Mark {
  const mark: Mark = {
    key: `${prefix}/${slice.placement}`,
    start: slice.start,
    span: slice.memory_slices,
    state: "ready",
    whole: false,
    placement: slice.placement,
  };
  if (slice.state === "set_aside") {
    mark.state = "aside";
    if (slice.reason) mark.reason = slice.reason;
    if (slice.holder !== undefined) Object.assign(mark, { job: jobOf(slice.holder), attempt: slice.holder }); // runs on to its end
  } else if (slice.state === "held") {
    if (slice.holder === undefined) mark.state = "unknown"; // somebody's whom one may not see
    else Object.assign(mark, { job: jobOf(slice.holder), attempt: slice.holder }, heldState(slice.holder, jobs, activity));
  }
  return mark;
}

/** Everything on a GPU, along it: no memory slice is left out and none is drawn twice. */
export function marksOf(node: Pick<Node, "name">, gpu: Gpu, jobs: ReadonlyMap<number, Job>, activity: Activity = new Map()): Mark[] {
  const n = slicesOf(gpu);
  const prefix = `${node.name}/${gpu.index}`;
  const whole = (state: MarkState): Mark => ({ key: `${prefix}/whole`, start: 0, span: n, state, whole: true });
  const reason = gpu.reason ? { reason: gpu.reason } : {};
  const isUsed = gpu.slices.some((slice) => slice.state === "held");
  if (gpu.state === "set_aside" && !isUsed)
    return [{ ...whole("aside"), ...reason, ...(gpu.holder === undefined ? {} : { job: jobOf(gpu.holder), attempt: gpu.holder }) }];
  if (gpu.state === "held")
    return [gpu.holder === undefined ? whole("unknown") : { ...whole("unknown"), job: jobOf(gpu.holder), attempt: gpu.holder, ...heldState(gpu.holder, jobs, activity) }];
  const marks = gpu.slices.map((slice) => sliceMark(prefix, slice, jobs, activity));
  const taken = new Set(marks.flatMap((mark) => Array.from({ length: mark.span }, (_, at) => mark.start + at)));
  const stranded = new Set(gpu.stranded);
  for (let at = 0; at < n; ++at)
    if (!taken.has(at)) marks.push({ key: `${prefix}/@${at}`, start: at, span: 1, state: stranded.has(at) ? "stranded" : "free", whole: false });
  // Set aside as a whole while jobs end on parts of it: the rest is nobody's to have.
  if (gpu.state === "set_aside")
    for (const mark of marks) if (mark.state === "ready" || mark.state === "free" || mark.state === "stranded") Object.assign(mark, { state: "aside", ...reason });
  return marks.sort((a, b) => a.start - b.start);
}

export const stateWords: Record<MarkState, string> = {
  active: "active",
  idle: "idle",
  unknown: "not measured",
  cut: "starting",
  ready: "ready",
  free: "uncut",
  stranded: "stranded",
  aside: "set aside",
};

/** Memory slices in each state, and those of nodes that do not answer. */
export type Sums = Record<MarkState | "gone", number>;

export function sumsOf(nodes: Node[], jobs: ReadonlyMap<number, Job>, activity: Activity = new Map()): Sums {
  const sums: Sums = { active: 0, idle: 0, unknown: 0, cut: 0, ready: 0, free: 0, stranded: 0, aside: 0, gone: 0 };
  for (const node of nodes)
    for (const gpu of node.gpus)
      if (node.state !== "ready") sums.gone += slicesOf(gpu);
      else for (const mark of marksOf(node, gpu, jobs, activity)) sums[mark.state] += mark.span;
  return sums;
}

/** "3g.20gb@4" is too long for one memory slice; "1g" is not. */
export function profileWord(mark: Mark): string {
  if (mark.whole) return "whole GPU";
  const profile = mark.placement?.split("@")[0] ?? "";
  return mark.span === 1 ? (profile.split(".")[0] ?? profile) : profile;
}
