// SPDX-License-Identifier: Apache-2.0

/** A report as GET /v1/reports/{report} answers it. */
export interface Report {
  title: string;
  since: number;
  until: number;
  by: string[];
  columns: { name: string; unit: string; text: string }[];
  rows: { names: string[]; numbers: Record<string, number> }[];
  total: { names: string[]; numbers: Record<string, number> };
  notes: string[];
  chart: { unit: string; since: number; until: number; step: number; groups: { labels: Record<string, string>; at: number[]; values: number[] }[] };
}

const cell = (value: string): string => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** What is seen, for a spreadsheet: what is not known is empty, not zero. */
export function csvOf(report: Report): string {
  const head = [...report.by, ...report.columns.map((column) => column.name)];
  const rows = report.rows.map((row) => [...row.names, ...report.columns.map(({ name }) => (row.numbers[name] === undefined ? "" : String(row.numbers[name])))]);
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

/** A number as people read it: at most three digits that say something. */
export function numberText(value: number | undefined): string {
  if (value === undefined) return "?";
  if (value === 0) return "0";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))/g, "\u2009");
}

/** Runs of a line without a gap: a step in which nothing is known breaks it. */
export function runsOf(at: number[], values: number[], step: number): [number, number][][] {
  const runs: [number, number][][] = [];
  at.forEach((time, n) => {
    const last = runs.at(-1)?.at(-1);
    if (!last || (step > 0 && time - last[0] > 1.5 * step)) runs.push([]);
    runs.at(-1)!.push([time, values[n] ?? 0]);
  });
  return runs;
}
