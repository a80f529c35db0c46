// SPDX-License-Identifier: Apache-2.0

export interface RunSearch {
  /** The compute list, first choice first. */
  on?: string;
  /** A job to begin from. */
  from?: number;
  /** What the form begins with: nothing runs before somebody presses Run. */
  command?: string;
  name?: string;
  kind?: "workspace" | "endpoint";
}

const textOf = (search: Record<string, unknown>, field: "command" | "name") => (typeof search[field] === "string" && search[field] ? { [field]: search[field] } : {});

export function runSearch(search: Record<string, unknown>): RunSearch {
  const from = Number(search.from);
  return { ...(typeof search.on === "string" && search.on ? { on: search.on } : {}), ...(from > 0 ? { from } : {}), ...textOf(search, "command"), ...textOf(search, "name"),
    ...(search.kind === "workspace" || search.kind === "endpoint" ? { kind: search.kind } : {}) };
}
