// SPDX-License-Identifier: Apache-2.0

/** Moments on a line from x0 to x1. */
export function scaleOf(from: number, to: number, x0: number, x1: number): (at: number) => number {
  const span = Math.max(1, to - from);
  return (at) => x0 + (Math.min(Math.max(at, from), to) - from) / span * (x1 - x0);
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800].map((s) => s * 1e6);

/** Round moments between two, at most so many. */
export function ticksOf(from: number, to: number, most: number): number[] {
  const step = steps.find((one) => (to - from) / one <= most) ?? steps.at(-1)!;
  const ticks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to && ticks.length < 100; at += step) ticks.push(at);
  return ticks;
}

/** Round values from 0 to at least `most`, about so many: what the lines of a chart are written at. */
export function levelsOf(most: number, about = 3): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough * 0.999) ?? 10 * power;
  const levels: number[] = [];
  for (let n = 0; n === 0 || levels.at(-1)! < most * 0.999; ++n) levels.push(Number((n * step).toPrecision(6)));
  return levels;
}

/** The place in a sorted list nearest to `at`. */
export function nearest(sorted: readonly number[], at: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! > at) high = middle;
    else low = middle;
  }
  return high >= 0 && at - (sorted[low] ?? 0) > (sorted[high] ?? 0) - at ? high : low;
}
