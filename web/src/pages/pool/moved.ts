// SPDX-License-Identifier: Apache-2.0
import type { BoardCount, Gpu, Job, Node, Schemas } from "../../api/client";
import { jobOf } from "../../api/queries";
import { slicesOf } from "../../drawing/marks";

export type Move = Schemas["Move"];

/** What of which GPUs "gpu3 3g.20gb@0" or "gpu0 gpu1" is; of a place on no GPU nothing. */
function gpusOf(place: string): { gpu: number; placement?: string }[] {
  const words = place.split(" ");
  const placement = words.find((word) => word.includes("@"));
  return words.filter((word) => /^gpu\d+$/.test(word)).map((word) => ({ gpu: Number(word.slice(3)), ...(placement ? { placement } : {}) }));
}

/** The GPUs that jobs leave or come to, each once. */
export function touchedBy(moves: readonly Move[], nodes: readonly Node[]): { node: Node; gpu: Gpu }[] {
  const keys = new Set(moves.flatMap((move) => [...gpusOf(move.from_place).map(({ gpu }) => `${move.from_node}/${gpu}`), ...gpusOf(move.place).map(({ gpu }) => `${move.node}/${gpu}`)]));
  return nodes.flatMap((node) => node.gpus.filter((gpu) => keys.has(`${node.name}/${gpu.index}`)).map((gpu) => ({ node, gpu })));
}

/** A GPU as it would be once all have moved, if nothing else happened meanwhile. */
export function afterMoves(node: Pick<Node, "name">, gpu: Gpu, moves: readonly Move[], boards: readonly BoardCount[]): Gpu {
  const leaves = (holder: string | undefined) => holder !== undefined && moves.some((move) => move.job === jobOf(holder));
  const { holder, ...rest } = gpu;
  const stays = holder !== undefined && !leaves(holder) ? { holder } : {};
  const after: Gpu = { ...rest, ...stays, ...(leaves(holder) ? { state: "idle" as const } : {}), slices: gpu.slices.filter((slice) => !leaves(slice.holder)) };
  const covers = (slice: { start: number; memory_slices: number }, at: number) => at >= slice.start && at < slice.start + slice.memory_slices;
  for (const move of moves) {
    const here = move.node === node.name ? gpusOf(move.place).find((one) => one.gpu === gpu.index) : undefined;
    if (!here) continue;
    if (!here.placement) Object.assign(after, { state: "held", holder: `${move.job}.0`, slices: [] });
    else {
      const [profile, start] = here.placement.split("@") as [string, string];
      const width = boards.find((one) => one.family === gpu.family)?.profiles.find((one) => one.name === profile)?.memory_slices ?? gpu.slices.find((one) => one.placement.startsWith(`${profile}@`))?.memory_slices ?? 1;
      const made = { placement: here.placement, start: Number(start), memory_slices: width, state: "held" as const, holder: `${move.job}.0` };
      // What was cut there and is idle gives way.
      after.slices = [...after.slices.filter((one) => one.state !== "idle" || !(covers(one, made.start) || covers(made, one.start))), made].sort((a, b) => a.start - b.start);
    }
  }
  const held = after.slices.length > 0;
  after.stranded = held ? gpu.stranded.filter((at) => !after.slices.some((slice) => covers(slice, at))) : [];
  return after;
}

export const isEmpty = (gpu: Gpu): boolean => gpu.holder === undefined && gpu.slices.every((slice) => slice.state !== "held") && slicesOf(gpu) > 0;

/** How far a job has come that was told to move: it stops, waits for its place, starts there, is there; or where it went instead. */
export function progressOf(move: Move, job: Job | undefined): { words: string; look: "" | "ok" | "warn" } {
  if (!job) return { words: "between its places", look: "warn" };
  const there = job.node === move.node && job.place === move.place;
  if (there) return job.state === "running" ? { words: "runs there", look: "ok" } : { words: "starts there", look: "" };
  if (job.node === move.from_node && job.place === move.from_place) return { words: "stops", look: "warn" };
  return { words: `is elsewhere: ${job.node ?? ""} ${job.place ?? ""}`.trim(), look: "warn" };
}
