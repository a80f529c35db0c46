// SPDX-License-Identifier: Apache-2.0
import { useQueries } from "@tanstack/react-query";
import { all, type Schemas } from "../../api/client";
import { Lines } from "../../charts/Lines";
import type { Run } from "./model";

type Point = Omit<Schemas["Point"], "value"> & { value: number | string };
const mostCurves = 30;
const inks = ["--team0", "--team1", "--team3", "--team4", "--team2", "--acc", "--warn"];

/** A metric of several runs over each other, step by step; the best and those picked stand out. */
export function Curves({ runs, metric, best, picked, height = 250 }: { runs: Run[]; metric: string; best: string | undefined; picked: ReadonlySet<string>; height?: number }) {
  const shown = [...runs].filter((run) => metric in run.metrics).sort((a, b) => Number(picked.has(b.id) || b.id === best) - Number(picked.has(a.id) || a.id === best)).slice(0, mostCurves);
  const points = useQueries({
    queries: shown.map((run) => ({
      queryKey: ["run-points", run.id, metric],
      queryFn: ({ signal }: { signal: AbortSignal }) => all<Point>(`/v1/runs/${run.id}/points?metric=${encodeURIComponent(metric)}`, 10, signal),
      refetchInterval: run.state === "running" ? 5000 : (false as const),
      staleTime: run.state === "running" ? 0 : Infinity,
      retry: false,
    })),
  });
  const few = picked.size > 0;
  const lines = shown.flatMap((run, at) => {
    const known = (points[at]?.data ?? []).filter((point) => typeof point.value === "number");
    if (known.length === 0) return [];
    const strong = run.id === best || picked.has(run.id);
    const ink = run.id === best ? "var(--ink)" : few && !picked.has(run.id) ? "var(--line2)" : `var(${inks[at % inks.length]})`;
    return [{ name: run.name, ink, strong, at: known.map((point) => point.step), values: known.map((point) => point.value as number) }];
  });
  const last = Math.max(1, ...lines.map((line) => line.at.at(-1)!));
  const first = Math.min(0, ...lines.map((line) => line.at[0]!));
  return <Lines title={`${metric} by step`} lines={lines} since={first} until={last} step={0} across="step" fitted height={height} />;
}
