// SPDX-License-Identifier: Apache-2.0
import type { QueryClient } from "@tanstack/react-query";
import type { Event } from "./client";

/** A list of which more was read than this stays as it was until one is back at its top: reading all of it anew would never end. */
export const mostPagesKeptTrue = 5;

/** Which lists an event may have changed, as the first words of their query keys. */
export function touchedBy(event: Event): string[] {
  if (/^(User|Team|Project|Token|Webhook|ReportSchedule|Members|Founded)/.test(event.kind)) return ["access"];
  const touched: string[] = [];
  if (/^(Flow|Component|Trial)/.test(event.kind)) return ["flow-run", "flow-runs", "flows"];
  if (event.job !== undefined) touched.push("jobs", "jobs-list", "job", "flow-run");
  if (event.node !== undefined || event.job !== undefined) touched.push("pool", "templates");
  if (/^Template/.test(event.kind)) touched.push("templates");
  return touched.length ? touched : ["pool", "jobs", "jobs-list", "templates"];
}

/**
 * Reads lists anew as events come, each at most every 400 ms and never twice at once: a large pool under a storm of events is read as
 * often as the server can answer, not more.
 */
export function refresher(client: QueryClient): (events: Event[] | "resync") => void {
  const dirty = new Map<string, boolean>(); // by key: whether it changed again while being read
  const read = async (key: string) => {
    const began = performance.now();
    await client.invalidateQueries(
      { queryKey: [key], predicate: ({ state }) => ((state.data as { pages?: unknown[] } | undefined)?.pages?.length ?? 0) <= mostPagesKeptTrue },
      { cancelRefetch: false },
    );
    const took = performance.now() - began;
    setTimeout(
      () => {
        if (dirty.get(key)) {
          dirty.set(key, false);
          void read(key);
        } else dirty.delete(key);
      },
      Math.max(400, 2 * took),
    );
  };
  const touch = (key: string) => {
    if (dirty.has(key)) dirty.set(key, true);
    else {
      dirty.set(key, false);
      setTimeout(() => void read(key), 60);
    }
  };
  return (events) => {
    if (events === "resync" || events.length === 0) {
      void client.invalidateQueries();
      return;
    }
    for (const key of new Set(events.flatMap(touchedBy))) touch(key);
  };
}
