// SPDX-License-Identifier: Apache-2.0

export interface RunSearch {
  /** The compute list, first choice first. */
  on?: string;
  /** A job to begin from. */
  from?: number;
}

export function runSearch(search: Record<string, unknown>): RunSearch {
  const from = Number(search.from);
  return { ...(typeof search.on === "string" && search.on ? { on: search.on } : {}), ...(from > 0 ? { from } : {}) };
}
