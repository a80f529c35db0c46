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
