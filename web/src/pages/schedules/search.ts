// SPDX-License-Identifier: Apache-2.0

export interface SchedulesSearch {
  /** Only those of this flow; the form begins with it. */
  flow?: string;
  project?: string;
}

export const schedulesSearch = (search: Record<string, unknown>): SchedulesSearch => ({
  ...(typeof search.flow === "string" && search.flow ? { flow: search.flow } : {}),
  ...(typeof search.project === "string" && search.project ? { project: search.project } : {}),
});
