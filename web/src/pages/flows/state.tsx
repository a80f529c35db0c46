// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from "../../api/client";
import { duration } from "../../parts/time";
import { nameOfRung } from "../run/rung";

export type RunDetails = Schemas["FlowRunDetails"];
export type RunComponent = Schemas["FlowRunComponent"];
export type FlowTrial = Schemas["FlowTrial"];
export type FlowRun = Schemas["FlowRun"];
export type Flow = Schemas["Flow"];

const words: Record<RunComponent["state"], string> = { waiting: "waits", awaiting_approval: "awaits approval", running: "running", serving: "serving", succeeded: "done", failed: "failed", skipped: "skipped", cancelled: "cancelled" };
const looks: Record<RunComponent["state"], string> = { waiting: "", awaiting_approval: "warn", running: "ok", serving: "ok", succeeded: "ok", failed: "err", skipped: "", cancelled: "" };

/** A step's or a run's state in words, with how long it took. */
export function StatePill({ state, started, ended }: { state: RunComponent["state"]; started?: number | undefined; ended?: number | undefined }) {
  const took = started !== undefined && ended !== undefined && state !== "skipped" ? ` ${duration(ended - started)}` : "";
  return <span className={`pill ${looks[state]}`}>{words[state]}{took}</span>;
}

export const isOverRun = (state: FlowRun["state"]): boolean => state !== "running";

/** Whether a trial has its place this moment. */
export const hasPlace = (trial: FlowTrial): boolean => trial.state === "starting" || trial.state === "running";

/** The template a trial climbed to when memory ran out: one that its list does not have. */
export function climbedTo(trial: FlowTrial, on: readonly string[]): string | undefined {
  const got = trial.on && nameOfRung(trial.on);
  return got && !on.some((rung) => nameOfRung(rung) === got) ? got : undefined;
}

/** "3 of 18 done, 7 running, 2 stopped early". */
export function progressWords(component: RunComponent): string {
  const count = (...states: FlowTrial["state"][]) => component.trials.filter((trial) => states.includes(trial.state) && !trial.stopped_early).length;
  const done = count("succeeded");
  const failed = count("failed", "lost", "cancelled");
  const running = count("starting", "running");
  const early = component.trials.filter((trial) => trial.stopped_early).length;
  return [`${done} of ${component.planned} done`, running && `${running} running`, early && `${early} stopped early`, failed && `${failed} not`].filter(Boolean).join(", ");
}
