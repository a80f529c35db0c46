// SPDX-License-Identifier: Apache-2.0
// A schedule of reports as it is typed, and what is sent of it.
import type { Schemas } from "../../api/client";
import type { Code } from "../../parts/AsCode";
import type { Difference } from "../../parts/Clash";
import { duration, parseDuration } from "../../parts/time";
import { whole } from "../run/draft";
import { quoted } from "../run/words";

export type ReportSchedule = Schemas["ReportSchedule"];

export const kinds = [["usage", "Usage"], ["demand", "Demand"], ["waiting", "Waiting"], ["idle", "Idle"], ["cost", "Cost"], ["stranded", "Stranded"]] as const;
export const groups = [["team", "team"], ["project", "project"], ["user", "person"], ["template", "template"], ["profile", "profile"], ["node", "node"], ["site", "site"]] as const;
export const formats = [["csv", "CSV"], ["html", "a page with a picture"], ["json", "JSON"]] as const;
const mostKept = 1000;
const mostGroups = 2;

export interface Draft {
  name: string;
  report: string;
  /** None: what suits the report. */
  by: string[];
  /** Empty: all since the time before. */
  span: string;
  cron: string;
  zone: string;
  formats: string[];
  keep: string;
}

export const emptyDraft = (zone: string): Draft => ({ name: "", report: "usage", by: [], span: "", cron: "", zone, formats: ["csv", "html"], keep: "52" });

const spanText = (us: number): string => (us === 0 ? "" : us % 86_400e6 === 0 ? `${us / 86_400e6}d` : us % 3600e6 === 0 ? `${us / 3600e6}h` : `${us / 60e6}min`);

/** A schedule as it is, to be changed. */
export const draftOf = (one: ReportSchedule): Draft => ({
  name: one.name, report: one.report, by: one.by, span: spanText(one.span), cron: one.cron, zone: one.time_zone, formats: one.formats, keep: String(one.keep),
});

/** What is wrong before it is sent, by the fields of the API. Expressions, zones and what a report can be grouped by the server knows. */
export function wrongsOf(draft: Draft): Partial<Record<string, string>> {
  const wrongs: Record<string, string> = {};
  if (!draft.name.trim()) wrongs.name = "A name, which is that of its folder too: usage-weekly.";
  if (!draft.cron.trim()) wrongs.cron = "When it is made: minute, hour, day, month, weekday.";
  if (!draft.zone.trim()) wrongs.time_zone = "Whose clock it goes by, as Europe/Berlin or UTC.";
  if (draft.span.trim() && parseDuration(draft.span) === undefined) wrongs.span = "A length of time, as 7d or 24h; empty: all since the time before.";
  if (draft.by.length > mostGroups) wrongs.by = "Two at most.";
  if (draft.formats.length === 0) wrongs.formats = "At least one.";
  if (whole(draft.keep, 1, mostKept) === undefined) wrongs.keep = `A whole number from 1 to ${mostKept}.`;
  return wrongs;
}

/** All of it, but its name, which stays. */
export const changeOf = (draft: Draft) => ({
  report: draft.report, by: draft.by, span: parseDuration(draft.span) ?? 0, cron: draft.cron.trim(), time_zone: draft.zone.trim(), formats: draft.formats, keep: Number(draft.keep),
});

export const requestOf = (draft: Draft) => ({ name: draft.name.trim(), ...changeOf(draft) });

const words = ({ report, by, span, cron, zone, formats: as, keep }: Draft): Record<string, string> => ({
  report, by: by.join(", ") || "what suits it", when: cron.trim(), "time zone": zone.trim(), formats: [...as].sort().join(", "),
  "each about": span.trim() ? duration(parseDuration(span) ?? 0) : "all since the time before", keep: keep.trim(),
});

/** Where two people want something else of one schedule. */
export function differences(mine: Draft, theirs: Draft): Difference[] {
  const their = words(theirs);
  return Object.entries(words(mine)).flatMap(([field, value]) => (value === their[field] ? [] : [{ field, mine: value, theirs: their[field]! }]));
}

/** The same for scripts, word for word. */
export function codeOf(draft: Draft, origin: string): Code {
  const request = requestOf(draft);
  const more = [
    ...request.by.map((by) => `--by ${by}`),
    ...(request.span ? [`--span ${request.span / 1e6}s`] : []),
    `--cron ${quoted(request.cron || "EXPRESSION")}`,
    ...(request.time_zone === "UTC" ? [] : [`--time-zone ${quoted(request.time_zone)}`]),
    `--format ${request.formats.join(",")}`,
    `--keep ${request.keep}`,
  ];
  const python = Object.entries(request).flatMap(([field, value]) =>
    value === 0 ? [] : [field === "span" ? `span=datetime.timedelta(seconds=${request.span / 1e6})` : `${field}=${JSON.stringify(value)}`]);
  return {
    command: `nav report schedule create ${quoted(request.name || "NAME")} ${request.report} \\\n  ${more.join(" ")}`,
    python: `${request.span ? "import datetime\n" : ""}import opennav\n\nopennav.Client().ask(opennav.api.make_report_schedule(opennav.model.MakeReportSchedule(\n    ${python.join(",\n    ")},\n)))`,
    http: `curl -X POST ${origin}/v1/report-schedules -H "Authorization: Bearer $NAV_TOKEN" \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify(request))}`,
  };
}
