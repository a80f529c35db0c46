// SPDX-License-Identifier: Apache-2.0
import type { JobState } from "../../api/client";

/** The filters of the list, as they stand in the address. */
export interface JobsSearch {
  state?: string;
  name?: string;
  user?: string;
  project?: string;
  on?: string;
  node?: string;
  /** The members of this gang, by the number of its first. */
  gang?: number;
}

export const states: readonly JobState[] = ["queued", "starting", "running", "succeeded", "failed", "cancelled", "lost"];

export function jobsSearch(search: Record<string, unknown>): JobsSearch {
  const out: JobsSearch = {};
  for (const field of ["name", "user", "project", "on", "node"] as const) {
    const value = search[field];
    // A name that is a number arrives as one.
    if ((typeof value === "string" && value) || typeof value === "number") out[field] = String(value);
  }
  if (Number(search.gang) > 0) out.gang = Number(search.gang);
  if (typeof search.state === "string") {
    const chosen = search.state.split(",").filter((one) => (states as readonly string[]).includes(one));
    if (chosen.length) out.state = chosen.join(",");
  }
  return out;
}

/** The query of the API for them. */
export function queryOf(search: JobsSearch): string {
  const query = new URLSearchParams();
  for (const one of search.state?.split(",") ?? []) query.append("state", one);
  for (const field of ["name", "user", "project", "on", "node", "gang"] as const) if (search[field]) query.set(field, String(search[field]));
  return query.toString();
}
