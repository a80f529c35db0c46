// SPDX-License-Identifier: Apache-2.0
import type { CSSProperties } from "react";
import type { Gpu, Job, Node } from "../api/client";
import { useActivity } from "../api/activity";
import type { useOwners } from "../api/queries";
import { marksOf, profileWord, slicesOf, stateWords, type Activity, type Mark } from "./marks";

const classes: Record<Mark["state"], string> = {
  active: "held busy", idle: "held idle", unknown: "held unknown", cut: "held cut", ready: "ready", free: "fr", stranded: "st", aside: "aside",
};

export interface Mine {
  start: number;
  span: number;
  word: string;
  /** Whose; "yours" if it is not said. */
  whose?: string;
}

interface Drawn {
  node: Pick<Node, "name">;
  gpu: Gpu;
  jobs: ReadonlyMap<number, Job>;
  owners: ReturnType<typeof useOwners>;
  height?: number;
  activity?: Activity;
  selected?: string | undefined;
  /** What is pointed out among the others. */
  lit?: (mark: Mark) => boolean;
  onSelect?: (mark: Mark) => void;
  /** Places that somebody would get: drawn over what is there. */
  mine?: readonly Mine[];
}

/** "1g.5gb at 4, GPU 2 of dgx-02, growth, trial-12, 85 % active": what a vessel is called for readers by ear. */
function nameOf(mark: Mark, node: string, gpu: Gpu, job: Job | undefined, team: string | undefined): string {
  const what = mark.whole ? "all of it" : mark.placement ? mark.placement.replace("@", " at ") : `memory slice ${mark.start}`;
  const use = mark.activity === undefined ? stateWords[mark.state] : `${Math.round(mark.activity)} % active`;
  return [what, `GPU ${gpu.index} of ${node}`, team, job?.name, use, mark.reason].filter(Boolean).join(", ");
}

/** The GPU as what it is: its memory slices from left to right, and on them the instances with whose they are and how much they do. */
export function GpuPicture({ node, gpu, jobs, owners, height = 72, activity, selected, lit, onSelect, mine }: Drawn) {
  const measured = useActivity();
  const n = slicesOf(gpu);
  return (
    <div className="gpu" style={{ "--n": n, "--h": `${height}px` } as CSSProperties}>
      {marksOf(node, gpu, jobs, activity ?? measured).map((mark) => {
        const job = mark.job === undefined ? undefined : jobs.get(mark.job);
        const team = owners.teamOf(job?.project);
        const narrow = mark.span * 8 <= n;
        const second =
          mark.state === "ready" ? "ready"
          : mark.state === "aside" ? mark.reason ?? "set aside"
          : job ? (mark.state === "unknown" ? `${job.name} · ?` : mark.state === "idle" ? `${job.name} · idle` : job.name)
          : mark.job !== undefined ? `job ${mark.job}`
          : "somebody's";
        const className = `v ${classes[mark.state]} ${owners.classOf(team)} ${narrow ? "n1" : ""} ${mark.whole ? "whole" : ""} ${selected === mark.key ? "sel" : ""} ${lit?.(mark) ? "lit" : ""}`;
        const name = nameOf(mark, node.name, gpu, job, team);
        const style = { gridColumn: `${mark.start + 1} / span ${mark.span}`, "--a": mark.activity ?? 0 } as CSSProperties;
        const silent = mark.state === "free" || mark.state === "stranded";
        const words = !silent && (
          <>
            <b>{mark.state === "aside" && !mark.whole ? "set aside" : profileWord(mark)}</b>
            <u>{mark.state === "aside" && mark.placement ? `${second} · ${profileWord(mark)}` : second}</u>
          </>
        );
        if (!onSelect) return <span key={mark.key} className={className} style={style} title={name}>{words}</span>;
        return (
          <button key={mark.key} type="button" className={className} style={style} title={name} aria-label={name} data-mark={mark.key} onClick={() => onSelect(mark)}>
            {words}
          </button>
        );
      })}
      {mine?.map((one) => (
        <span key={one.start} className={`v mine ${one.span * 8 <= n ? "n1" : ""}`} style={{ gridColumn: `${one.start + 1} / span ${one.span}`, zIndex: 2 }}>
          <b>{one.word}</b>
          <u>{one.whose ?? "yours"}</u>
        </span>
      ))}
    </div>
  );
}
