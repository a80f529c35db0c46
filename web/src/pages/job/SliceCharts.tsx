// SPDX-License-Identifier: Apache-2.0
import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { get, type Attempt, type JobDetails } from "../../api/client";
import { stepFor, type Measured } from "../../api/metrics";
import { Lines } from "../../charts/Lines";
import { numberText, percent } from "../../charts/numbers";
import type { Line } from "../../charts/runs";
import { isOver } from "../../parts/JobPill";
import { memory } from "../../parts/time";

/** Which GPUs of its node an attempt has, and which placement on the one it has a slice of. */
export function placesOf(place: string): { gpus: string[]; slice: string | undefined } {
  const words = place.split(" ");
  return { gpus: words.filter((word) => /^gpu\d+$/.test(word)).map((word) => word.slice(3)), slice: words.find((word) => word.includes("@")) };
}

const mostAttempts = 4;
const inks = ["var(--acc)", "var(--team0)", "var(--team1)", "var(--team3)", "var(--team4)"];

/** The lines of one metric on the places of attempts: while each had it, and no other time. */
export function linesOf(answers: (Measured | undefined)[], attempts: Attempt[], end: number): Line[] {
  return attempts.flatMap((attempt, n) => {
    const { gpus, slice } = placesOf(attempt.place);
    const from = attempt.started ?? attempt.placed;
    const to = attempt.ended ?? end;
    const points = new Map<string, Line>();
    for (const { labels, at, values } of answers[n]?.groups ?? []) {
      if (!gpus.includes(labels.gpu ?? "") || (labels.slice ?? undefined) !== slice || labels.kind !== (slice ? "instance" : "gpu")) continue;
      const name = [attempts.length > 1 ? `attempt ${attempt.id.split(".")[1]}` : "", gpus.length > 1 ? `GPU ${labels.gpu}` : slice ?? "GPU"].filter(Boolean).join(", ");
      const line = points.get(name) ?? { name, ink: inks[(points.size + n) % inks.length]!, at: [], values: [] };
      at.forEach((time, point) => {
        if (time < from - 10e6 || time > to) return;
        line.at.push(time);
        line.values.push(values[point]!);
      });
      if (line.at.length > 0) points.set(name, line);
    }
    return [...points.values()];
  });
}

/** How busy its slice was and how full, over its attempts; nothing where no source tells. */
export function SliceCharts({ details }: { details: JobDetails }) {
  const { job } = details;
  const over = isOver(job);
  const attempts = useMemo(() => details.attempts.filter((one) => one.started !== undefined && one.place.includes("gpu")).slice(-mostAttempts), [details.attempts]);
  const since = attempts[0]?.started ?? 0;
  const asks = ["activity", "memory_used"].flatMap((metric) => attempts.map((attempt) => ({ metric, attempt })));
  const answers = useQueries({
    queries: asks.map(({ metric, attempt }) => ({
      queryKey: ["metrics", "slice", metric, attempt.id, attempt.ended],
      queryFn: ({ signal }: { signal: AbortSignal }) => {
        const from = attempt.started!;
        const until = attempt.ended ?? Date.now() * 1000;
        const { slice } = placesOf(attempt.place);
        const query = new URLSearchParams({ metric, by: "series", node: attempt.node, since: String(Math.floor(from)), until: String(Math.max(from + 1e6, until)), step: String(stepFor(until - from, 10e6)) });
        if (slice) query.set("slice", slice);
        return get<Measured>(`/v1/metrics/query?${query}`, signal);
      },
      refetchInterval: attempt.ended === undefined ? 5000 : (false as const),
      retry: false,
    })),
  });
  if (attempts.length === 0) return null;
  const end = over ? job.ended ?? attempts.at(-1)!.ended ?? Date.now() * 1000 : Date.now() * 1000;
  const data = answers.map((one) => one.data);
  const step = Math.max(...data.map((one) => one?.step ?? 10e6));
  const drawn = (from: number) => linesOf(data.slice(from, from + attempts.length), attempts, end);
  const span = { since, until: Math.max(since + 60e6, end), step, height: 104 };
  const last = attempts.at(-1)!;
  return (
    <section className="card slice-charts" aria-label="Its slice over time" data-testid="slice-charts">
      <div>
        <h3>Activity <span className="sub" style={{ fontWeight: 400 }}>of {placesOf(last.place).slice ?? "its GPUs"}</span></h3>
        <Lines title="Activity of its slice" lines={drawn(0)} most={1} value={percent} {...span} />
      </div>
      <div>
        <h3>GPU memory</h3>
        <Lines title="GPU memory in use" lines={drawn(attempts.length)} value={(mib) => (mib >= 1 ? memory(Math.round(mib)) : numberText(mib))} {...span} />
      </div>
    </section>
  );
}
