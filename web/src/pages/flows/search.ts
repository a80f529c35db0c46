// SPDX-License-Identifier: Apache-2.0

export const flowStates = [["running", "running"], ["succeeded", "done"], ["failed", "failed"], ["cancelled", "cancelled"]] as const;

export interface FlowsSearch {
  state?: (typeof flowStates)[number][0];
  flow?: string;
}

export function flowsSearch(search: Record<string, unknown>): FlowsSearch {
  const state = flowStates.find(([word]) => word === search.state)?.[0];
  return { ...(state ? { state } : {}), ...(typeof search.flow === "string" && search.flow ? { flow: search.flow } : {}) };
}

export interface FlowSearch {
  project?: string;
  version?: number;
}

export const flowSearch = (search: Record<string, unknown>): FlowSearch => ({
  ...(typeof search.project === "string" && search.project ? { project: search.project } : {}),
  ...(Number(search.version) > 0 ? { version: Number(search.version) } : {}),
});

export interface EditSearch {
  /** The flow to begin from. */
  flow?: string;
  project?: string;
  /** Begin from the example. */
  example?: boolean;
}

export const editSearch = (search: Record<string, unknown>): EditSearch => ({
  ...(typeof search.flow === "string" && search.flow ? { flow: search.flow } : {}),
  ...(typeof search.project === "string" && search.project ? { project: search.project } : {}),
  ...(search.example === true || search.example === "true" ? { example: true } : {}),
});
