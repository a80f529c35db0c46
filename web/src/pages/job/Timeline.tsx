// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from "react";
import type { Attempt, JobDetails } from "../../api/client";
import { isOver } from "../../parts/JobPill";
import { clockTime, duration } from "../../parts/time";
import { nameOfRung, termsOf } from "../run/rung";
import { scaleOf, ticksOf } from "../../charts/scale";

const left = 128;
const lane = 44;
const top = 22;

const failedOutcomes = new Set(["signalled", "out_of_memory", "lease_expired", "could_not_start", "node_error", "lost", "time_limit"]);

function endWords(attempt: Attempt): string {
  if (attempt.message) return attempt.message;
  if (attempt.outcome === "exited") return `exited with ${attempt.exit_code ?? "?"}`;
  return attempt.outcome?.replaceAll("_", " ") ?? "";
}

/** Choices are lanes, attempts are bars, waiting is hatched, what is still open has a dashed end. */
export function Timeline({ details, teamClass }: { details: JobDetails; teamClass: string }) {
  const { job, attempts } = details;
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(1000);
  useEffect(() => {
    const resized = new ResizeObserver(([entry]) => entry && setWidth(Math.max(420, entry.contentRect.width)));
    resized.observe(box.current!);
    return () => resized.disconnect();
  }, []);
  const now = Date.now() * 1000;
  const over = isOver(job);
  const end = over ? (job.ended ?? now) : now;
  const scale = scaleOf(job.submitted, end, left, width - (over ? 12 : 60));
  const lanes = job.wanted.map(nameOfRung);
  const height = top + lanes.length * lane + 6;
  const waits: [number, number, number][] = []; // from, to, lane
  let free = job.submitted;
  for (const attempt of attempts) {
    waits.push([free, attempt.started ?? attempt.placed, Math.max(0, lanes.indexOf(attempt.on))]);
    free = attempt.ended ?? end;
  }
  if (!over && job.state === "queued") waits.push([free, end, 0]);
  return (
    <section className="card timeline" aria-label="Attempts over time" ref={box}>
      <svg width={width} height={height} className={teamClass} role="img"
        aria-label={attempts.length === 0 ? "No attempt yet" : attempts.map((attempt) => `attempt ${attempt.id} on ${attempt.on} at ${attempt.node}: ${endWords(attempt) || "running"}`).join("; ")}>
        <defs>
          <pattern id="waits" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="7" height="7" fill="var(--sunk)" />
            <path d="M0 0v7" stroke="var(--line2)" strokeWidth="2" />
          </pattern>
        </defs>
        {ticksOf(job.submitted, end, Math.max(2, Math.floor(width / 170))).map((tick) => (
          <g key={tick}>
            <path d={`M${scale(tick)} ${top - 4}V${height - 6}`} stroke="var(--line)" />
            <text x={scale(tick) + 4} y={12}>{clockTime(tick, end - job.submitted < 300e6)}</text>
          </g>
        ))}
        {lanes.map((on, at) => (
          <g key={on + at}>
            <text x="0" y={top + at * lane + 19} style={{ fill: "var(--ink)", fontWeight: 600, fontFamily: "var(--mono)" }}>{on.length > 16 ? `${on.slice(0, 15)}…` : on}</text>
            <text x="0" y={top + at * lane + 34}>{termsOf(details.request.on[at] ?? "") || (at === 0 ? (lanes.length > 1 ? "first choice" : "its only choice") : at === lanes.length - 1 ? "last" : "if not above")}</text>
            <path d={`M${left} ${top + (at + 1) * lane}H${width}`} stroke="var(--line)" />
            {attempts.every((attempt) => attempt.on !== on) && (over || job.state !== "queued") && <text x={left + 8} y={top + at * lane + 26}>not needed</text>}
          </g>
        ))}
        {waits.map(([from, to, at]) => (
          <rect key={`${from}-${at}`} x={scale(from)} y={top + at * lane + 10} width={Math.max(1, scale(to) - scale(from))} height="22" rx="4" fill="url(#waits)">
            <title>waited {duration(to - from)}</title>
          </rect>
        ))}
        {attempts.map((attempt) => {
          const at = Math.max(0, lanes.indexOf(attempt.on));
          const from = scale(attempt.started ?? attempt.placed);
          const to = scale(attempt.ended ?? end);
          const y = top + at * lane + 10;
          const words = `attempt ${attempt.id.split(".")[1]}, ${attempt.node}, ${attempt.place}`;
          const bad = failedOutcomes.has(attempt.outcome ?? "") || (attempt.outcome === "exited" && attempt.exit_code !== 0);
          const room = to - from > words.length * 6.2 + 12;
          const ending = attempt.ended === undefined ? "" : `${endWords(attempt)}, ${duration(attempt.ended - (attempt.started ?? attempt.placed))}`;
          const beside = (room ? [ending] : [words, ending]).filter(Boolean).join(": ");
          const flips = to + beside.length * 6 > width - 6;
          return (
            <g key={attempt.id}>
              <rect x={from} y={y} width={Math.max(3, to - from)} height="22" rx="4" fill="color-mix(in srgb, var(--c, var(--ink3)) 34%, var(--panel))" stroke="var(--c, var(--ink3))">
                <title>{`${words}: ${ending || "running"}`}</title>
              </rect>
              {room && <text x={from + 8} y={y + 15} style={{ fill: "var(--ink)", fontWeight: 500 }}>{words}</text>}
              {bad && <path d={`M${to} ${y - 4}v30`} stroke="var(--err)" strokeWidth="3" />}
              {beside && (
                <text x={flips ? from - 8 : to + 8} y={y + 15} textAnchor={flips ? "end" : "start"} style={bad ? { fill: "var(--err)", fontWeight: 600 } : undefined}>{beside}</text>
              )}
            </g>
          );
        })}
        {!over && (
          <g>
            <path d={`M${scale(now)} ${top - 6}V${height - 4}`} stroke="var(--ink)" strokeWidth="1.5" />
            <rect x={scale(now) - 32} y="0" width="64" height="17" rx="8.5" fill="var(--ink)" />
            <text x={scale(now)} y="12.5" textAnchor="middle" style={{ fill: "var(--panel)", fontWeight: 600 }}>now {clockTime(now)}</text>
          </g>
        )}
      </svg>
    </section>
  );
}
