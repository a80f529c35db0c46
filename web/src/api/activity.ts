// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { get } from "./client";
import { has } from "./paths";

/** The newest values of one thing, as GET /v1/metrics/latest answers them. */
export interface LatestValues {
  kind: string;
  attempt?: string;
  at: number;
  values: Record<string, number>;
}

/** Older than this a value says nothing of now: stale is not measured, and not measured is not zero. */
const stale = 60e6;

/** Percent of use by attempt: the mean over what it holds. Attempts of which nothing is known are left out. */
export function activityOf(answer: { at: number; items: LatestValues[] }): Map<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { kind, attempt, at, values } of answer.items) {
    const used = values.activity;
    if (attempt === undefined || used === undefined || answer.at - at > stale || (kind !== "instance" && kind !== "gpu")) continue;
    const before = sums.get(attempt) ?? { sum: 0, count: 0 };
    sums.set(attempt, { sum: before.sum + used, count: before.count + 1 });
  }
  return new Map([...sums].map(([attempt, { sum, count }]) => [attempt, (100 * sum) / count]));
}

const nothing: ReadonlyMap<string, number> = new Map();

/** What is known of use now; empty where this server measures nothing. */
export function useActivity(): ReadonlyMap<string, number> {
  const latest = useQuery({
    queryKey: ["metrics", "latest"],
    queryFn: ({ signal }) => get<{ at: number; items: LatestValues[] }>("/v1/metrics/latest", signal),
    enabled: has("/v1/metrics/latest"),
    refetchInterval: 3000,
    retry: false,
  });
  return useMemo(() => (latest.data ? activityOf(latest.data) : nothing), [latest.data]);
}
