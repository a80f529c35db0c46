// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get, type Schemas } from "./client";

export type Measured = Schemas["MetricsAnswer"];
export type MeasuredGroup = Schemas["MetricsGroup"];

/** From when to when is asked; moments in microseconds. Without an end: to now, and again as time goes on. */
export interface Span {
  since: number;
  until: number;
  /** The length of a step. */
  step: number;
  moving: boolean;
}

const steps = [10, 60, 600, 3600, 21_600, 86_400].map((seconds) => seconds * 1e6);

/** A step for a chart as wide as half a page; sums of use are kept to the minute. */
export const stepFor = (length: number, least = 60e6): number => steps.find((step) => step >= least && length / step <= 200) ?? steps.at(-1)!;

/** How often what moves on is asked for anew. */
const again = 15_000;

/** What GET /v1/metrics/query answers. A span that moves on is taken anew each time. */
export function useMeasured(asked: Record<string, string | number | string[]>, span: () => Span, key: string, enabled = true) {
  return useQuery({
    queryKey: ["metrics", "query", key, asked],
    queryFn: ({ signal }) => {
      const { since, until, step } = span();
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries({ since: Math.round(since), until: Math.round(until), step, ...asked }))
        for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
      return get<Measured>(`/v1/metrics/query?${query}`, signal);
    },
    refetchInterval: span().moving ? again : false,
    placeholderData: keepPreviousData,
    enabled,
    retry: false,
  });
}
