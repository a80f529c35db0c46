// SPDX-License-Identifier: Apache-2.0
import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, test, vi } from "vitest";
import type { Event } from "./client";
import { refresher, touchedBy } from "./refresh";

const event = (kind: string, more: Partial<Event> = {}): Event => ({ sequence: 1, at: 0, kind, body: {}, ...more }) as Event;

test("an event touches the lists it may have changed, and no others", () => {
  expect(touchedBy(event("JobPlaced", { job: 7, node: "node-1" }))).toEqual(["jobs", "jobs-list", "job", "flow-run", "pool", "templates"]);
  expect(touchedBy(event("NodeDrained", { node: "node-1" }))).toEqual(["pool", "templates"]);
  expect(touchedBy(event("TokenMade"))).toEqual(["access"]);
  expect(touchedBy(event("TrialQueued", { job: 7 }))).toEqual(["flow-run", "flow-runs", "flows"]);
});

test("a storm of events reads a list a few times, and once more after its end", async () => {
  vi.useFakeTimers();
  const client = new QueryClient();
  let reads = 0;
  const stop = new QueryObserver(client, { queryKey: ["pool"], queryFn: async () => ++reads, staleTime: Infinity }).subscribe(() => {});
  await vi.advanceTimersByTimeAsync(10);
  expect(reads).toBe(1);
  const hear = refresher(client);
  for (let at = 0; at < 100; ++at) {
    hear([event("NodeDrained", { node: "node-1" })]);
    await vi.advanceTimersByTimeAsync(10);
  }
  await vi.advanceTimersByTimeAsync(2000);
  expect(reads).toBeGreaterThanOrEqual(3);
  expect(reads).toBeLessThanOrEqual(6);
  const settled = reads;
  await vi.advanceTimersByTimeAsync(5000);
  expect(reads).toBe(settled);
  stop();
  vi.useRealTimers();
});
