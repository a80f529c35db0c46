// SPDX-License-Identifier: Apache-2.0

export const reports = [["usage", "Usage"], ["demand", "Demand"], ["waiting", "Waiting"], ["idle", "Idle"], ["cost", "Cost"], ["stranded", "Stranded"]] as const;
export const ranges = [["1h", "1 h"], ["24h", "24 h"], ["7d", "7 d"], ["30d", "30 d"]] as const;
export const groups = [["team", "Team"], ["project", "Project"], ["user", "Person"], ["template", "Template"], ["profile", "Profile"], ["node", "Node"]] as const;

export interface ReportsSearch {
  report?: (typeof reports)[number][0];
  range?: (typeof ranges)[number][0];
  by?: (typeof groups)[number][0];
}

const pick = <T extends string>(value: unknown, of: readonly (readonly [T, string])[]): T | undefined => of.find(([word]) => word === value)?.[0];

export function reportsSearch(search: Record<string, unknown>): ReportsSearch {
  const report = pick(search.report, reports);
  const range = pick(search.range, ranges);
  const by = pick(search.by, groups);
  return { ...(report ? { report } : {}), ...(range ? { range } : {}), ...(by ? { by } : {}) };
}

/** The length of a range in microseconds. */
export const lengthOf = (range: (typeof ranges)[number][0]): number => ({ "1h": 1, "24h": 24, "7d": 168, "30d": 720 })[range] * 3600e6;
