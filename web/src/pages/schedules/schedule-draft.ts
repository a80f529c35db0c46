// SPDX-License-Identifier: Apache-2.0
// A schedule as it is typed, and what is sent of it.
import type { Refusal, Schemas } from "../../api/client";
import type { Code } from "../../parts/AsCode";
import type { Difference } from "../../parts/Clash";
import { duration, parseDuration } from "../../parts/time";
import { quoted } from "../run/words";

export type Schedule = Schemas["FlowSchedule"];
export type MakeSchedule = Schemas["MakeFlowSchedule"];

export interface Draft {
  flow: string;
  project: string;
  /** None: the newest there is each time. */
  version: number | undefined;
  parameters: Record<string, string>;
  cron: string;
  zone: string;
  overlap: Schedule["overlap"];
  late: string;
}

export const emptyDraft = (zone: string): Draft => ({ flow: "", project: "", version: undefined, parameters: {}, cron: "", zone, overlap: "skip", late: "1h" });

/** A schedule as it is, to be changed. */
export const draftOf = (schedule: Schedule): Draft => ({
  flow: schedule.flow,
  project: schedule.project,
  version: schedule.version ?? undefined,
  parameters: schedule.parameters,
  cron: schedule.cron,
  zone: schedule.time_zone,
  overlap: schedule.overlap,
  late: schedule.may_be_late % 60e6 === 0 ? `${schedule.may_be_late / 60e6} min` : `${schedule.may_be_late / 1e6}s`,
});

/** What is wrong before it is sent, by the fields of the API. Whether an expression is one, and a zone, the server knows. */
export function wrongsOf(draft: Draft): Record<string, string> {
  const wrongs: Record<string, string> = {};
  if (!draft.flow) wrongs["run.flow"] = "Choose what it runs.";
  if (!draft.cron.trim()) wrongs.cron = "When it runs: minute, hour, day, month, weekday.";
  if (!draft.zone.trim()) wrongs.time_zone = "Whose clock it goes by, as Europe/Berlin or UTC.";
  if (parseDuration(draft.late) === undefined) wrongs.may_be_late = "A length of time, as 30 min, 1h or 2d.";
  return wrongs;
}

export function requestOf(draft: Draft) {
  const parameters = Object.fromEntries(Object.entries(draft.parameters).filter(([, value]) => value !== ""));
  return {
    run: {
      flow: draft.flow,
      ...(draft.project ? { project: draft.project } : {}),
      ...(draft.version ? { version: draft.version } : {}),
      ...(Object.keys(parameters).length ? { parameters } : {}),
    },
    cron: draft.cron.trim(),
    time_zone: draft.zone.trim(),
    overlap: draft.overlap,
    may_be_late: parseDuration(draft.late) ?? 0,
  };
}

/** Where two people want something else of one schedule. */
export function differences(mine: Draft, theirs: Draft): Difference[] {
  const words = ({ version, parameters, cron, zone, overlap, late }: Draft): Record<string, string> => ({
    version: version ? String(version) : "the newest", when: cron.trim(), "time zone": zone.trim(),
    parameters: Object.entries(parameters).filter(([, value]) => value !== "").map(([name, value]) => `${name}=${value}`).sort().join(" "),
    "while the last run still goes on": overlap === "skip" ? "skip the time" : "run beside it", "may start late by": duration(parseDuration(late) ?? 0),
  });
  const their = words(theirs);
  return Object.entries(words(mine)).flatMap(([field, value]) => (value === their[field] ? [] : [{ field, mine: value, theirs: their[field]! }]));
}

/** What it is to be from now on; the flow it runs stays. */
export function changeOf(draft: Draft) {
  const { run, ...rest } = requestOf(draft);
  return { version: run.version ?? 0, parameters: run.parameters ?? {}, ...rest };
}

const fields = ["run.flow", "run.project", "run.version", "cron", "time_zone", "overlap", "may_be_late"];

/** On which field a refusal belongs; none: under the form. */
export function fieldOf(refusal: Refusal, parameters: readonly string[]): string | undefined {
  const known = [...fields, ...parameters.map((name) => `run.parameters.${name}`)];
  // A change names what it runs without saying that it is of a run.
  return known.find((field) => field === refusal.field || field === `run.${refusal.field}`);
}

/** The same for scripts, word for word. */
export function codeOf(draft: Draft, origin: string): Code {
  const { run, ...rest } = requestOf(draft);
  const late = draft.late.trim().replace(/\s+/g, "");
  const more = [
    ...(run.project ? [`--project ${quoted(run.project)}`] : []),
    ...(run.version ? [`--version ${run.version}`] : []),
    ...Object.entries(run.parameters ?? {}).map(([name, value]) => `--param ${quoted(`${name}=${value}`)}`),
    ...(rest.overlap === "allow" ? ["--overlap allow"] : []),
    ...(rest.may_be_late === 3_600_000_000 ? [] : [`--may-be-late ${quoted(late)}`]),
    quoted(run.flow || "FLOW"),
  ];
  const python = [
    JSON.stringify(run.flow), JSON.stringify(rest.cron), `time_zone=${JSON.stringify(rest.time_zone)}`,
    ...(run.project ? [`project=${JSON.stringify(run.project)}`] : []),
    ...(run.version ? [`version=${run.version}`] : []),
    ...(run.parameters ? [`parameters=${JSON.stringify(run.parameters)}`] : []),
    ...(rest.overlap === "allow" ? ['overlap="allow"'] : []),
    ...(rest.may_be_late === 3_600_000_000 ? [] : [`may_be_late=${rest.may_be_late / 1e6}`]),
  ];
  return {
    command: `nav flow schedule create --cron ${quoted(rest.cron || "EXPRESSION")} --time-zone ${quoted(rest.time_zone)} \\\n  ${more.join(" ")}`,
    python: `import opennav\n\nopennav.Client().schedules.create(\n    ${python.join(",\n    ")},\n)`,
    http: `curl -X POST ${origin}/v1/flow-schedules -H "Authorization: Bearer $NAV_TOKEN" \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify({ run, ...rest }))}`,
  };
}
