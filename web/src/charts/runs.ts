// SPDX-License-Identifier: Apache-2.0

/** One line of a chart: moments or steps, and what was known at them. What was not known is left out. */
export interface Line {
  name: string;
  /** A colour as CSS says it. */
  ink: string;
  at: number[];
  values: number[];
  /** Drawn over the others. */
  strong?: boolean;
}

/** Runs of a line without a gap: a step in which nothing is known breaks it. */
export function runsOf(at: number[], values: number[], step: number): [number, number][][] {
  const runs: [number, number][][] = [];
  at.forEach((time, n) => {
    const last = runs.at(-1)?.at(-1);
    if (!last || (step > 0 && time - last[0] > 1.5 * step)) runs.push([]);
    runs.at(-1)!.push([time, values[n] ?? 0]);
  });
  return runs;
}

export interface Layer {
  name: string;
  at: number[];
  values: number[];
}

/**
 * Layers on each other at the moments of `base`, of which everything is a part: where the base is known a layer that says nothing holds
 * nothing, where it is not nothing is known and there is no column.
 */
export function stacked(base: Layer, layers: Layer[]): { at: number[]; base: number[]; tops: number[][] } {
  const known = layers.map((layer) => new Map(layer.at.map((time, n) => [time, layer.values[n] ?? 0])));
  const tops: number[][] = layers.map(() => []);
  base.at.forEach((time) => {
    let sum = 0;
    known.forEach((values, n) => {
      sum += Math.max(0, values.get(time) ?? 0);
      tops[n]!.push(sum);
    });
  });
  return { at: base.at, base: base.values, tops };
}
