// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from "../../api/client";

/** A report as GET /v1/reports/{report} answers it. */
export type Report = Schemas["Report"];

/** A spreadsheet must not take a name for a formula. */
const safe = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
export const cell = (text: string): string => (/[",\r\n]/.test(safe(text)) ? `"${safe(text).replaceAll('"', '""')}"` : safe(text));

/** The shortest text that is this very number, as the command line writes it. */
export function exact(value: number): string {
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e16)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

/** What is seen, for a spreadsheet, byte for byte as `nav report --csv` writes it: what is not known is empty, not zero. */
export function csvOf(report: Report): string {
  const head = [...report.by, ...report.columns.map(({ name, unit }) => cell(`${name} (${unit})`))];
  const numbers = (row: Report["total"]) => report.columns.map(({ name }) => (row.numbers[name] === undefined ? "" : exact(row.numbers[name])));
  const rows = report.rows.map((row) => [...row.names.map(cell), ...numbers(row)]);
  const total = [...report.by.map((_, at) => (at === 0 ? "(all)" : "")), ...numbers(report.total)];
  return [head, ...rows, total].map((row) => `${row.join(",")}\r\n`).join("");
}

/** Hands a file to whoever looks at the page. */
export function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
