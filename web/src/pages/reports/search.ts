// SPDX-License-Identifier: Apache-2.0
import { stepFor, type Span } from "../../api/metrics";
import { parseDuration } from "../../parts/time";

export const reports = [["overview", "Overview"], ["usage", "Usage"], ["demand", "Demand"], ["waiting", "Waiting"], ["idle", "Idle"], ["cost", "Cost"], ["stranded", "Stranded"], ["advice", "Advice"]] as const;
export const ranges = [["1h", "1 h"], ["6h", "6 h"], ["24h", "24 h"], ["7d", "7 d"], ["30d", "30 d"]] as const;
export const groups = [["team", "Team"], ["project", "Project"], ["user", "Person"], ["template", "Template"], ["profile", "Profile"], ["node", "Node"]] as const;

export type ReportKind = (typeof reports)[number][0];
export type RangeWord = (typeof ranges)[number][0];
export type Group = (typeof groups)[number][0];

export interface ReportsSearch {
  report?: ReportKind;
  range?: RangeWord;
  /** A range of one's own, in UTC to the minute: "2026-11-22T10:04". It takes the place of `range`. */
  since?: string;
  until?: string;
  by?: Group;
  /** Whose slices the heat map shows. */
  node?: string;
  /** Advice is on what has run for so long: "10m". */
  age?: string;
}

/** How long a job must have run before it is advised on. */
export const ages = [["1m", "1 min"], ["10m", "10 min"], ["1h", "1 h"], ["24h", "1 d"]] as const;
export const usualAge = "10m";
/** The server says nothing of what has run for less. */
const youngest = 10e6;
export const isAge = (text: string): boolean => /^\d+[smhd]$/.test(text) && (parseDuration(text) ?? 0) >= youngest;

const pick = <T extends string>(value: unknown, of: readonly (readonly [T, string])[]): T | undefined => of.find(([word]) => word === value)?.[0];
const minute = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;
const moment = (value: unknown): string | undefined => (typeof value === "string" && minute.test(value) && !Number.isNaN(Date.parse(`${value}Z`)) ? value : undefined);

export function reportsSearch(search: Record<string, unknown>): ReportsSearch {
  const report = pick(search.report, reports);
  const range = pick(search.range, ranges);
  const by = pick(search.by, groups);
  const since = moment(search.since);
  const until = moment(search.until);
  const own = since && until && since < until ? { since, until } : {};
  return {
    ...(report ? { report } : {}), ...(range ? { range } : {}), ...own, ...(by ? { by } : {}), ...(typeof search.node === "string" && search.node ? { node: search.node } : {}),
    ...(typeof search.age === "string" && isAge(search.age) ? { age: search.age } : {}),
  };
}

/** The length of a range in microseconds. */
export const lengthOf = (range: RangeWord): number => ({ "1h": 1, "6h": 6, "24h": 24, "7d": 168, "30d": 720 })[range] * 3600e6;

/**
 * From when to when a page is about, with steps for charts. It begins at a whole step and ends at a whole minute: all that is asked for
 * one page is of one moment, and the last step of sums, which are kept to the minute, is whole.
 */
export function spanOf({ range = "24h", since, until }: ReportsSearch, least = 60e6): Span {
  if (since && until) {
    const [from, to] = [Date.parse(`${since}Z`) * 1000, Date.parse(`${until}Z`) * 1000];
    return { since: from, until: to, step: stepFor(to - from, least), moving: to > Date.now() * 1000 };
  }
  const length = lengthOf(range);
  const step = stepFor(length, least);
  const to = Math.floor(Date.now() / 60_000) * 60e6;
  return { since: Math.floor((to - length) / step) * step, until: to, step, moving: true };
}
