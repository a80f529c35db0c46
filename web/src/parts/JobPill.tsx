// SPDX-License-Identifier: Apache-2.0
import type { Job } from "../api/client";
import { nameOfRung } from "../pages/run/rung";

const nth = ["first", "second", "third", "fourth", "fifth"];

/** A job's state in words: "waits", "running on its second choice", "failed". */
export function stateWords(job: Pick<Job, "state" | "on" | "wanted">): string {
  switch (job.state) {
    case "queued": return "waits";
    case "starting": return "starting";
    case "running": {
      const at = job.on === undefined ? -1 : job.wanted.findIndex((one) => nameOfRung(one) === job.on);
      return at > 0 ? `running on its ${nth[at] ?? `${at + 1}th`} choice` : "running";
    }
    case "succeeded": return "done";
    case "failed": return "failed";
    case "cancelled": return "cancelled";
    case "lost": return "lost";
  }
}

/** "jobs 40 to 43". */
export const jobsWords = (first: number, many: number): string => (many === 1 ? `job ${first}` : `jobs ${first} to ${first + many - 1}`);

export const isOver = (job: Pick<Job, "state">): boolean => !["queued", "starting", "running"].includes(job.state);

const looks: Record<Job["state"], string> = { queued: "warn", starting: "", running: "ok", succeeded: "", failed: "err", cancelled: "", lost: "err" };

export function JobPill({ job }: { job: Pick<Job, "state" | "on" | "wanted" | "message"> }) {
  return <span className={`pill ${looks[job.state]}`} title={job.message}>{stateWords(job)}</span>;
}
