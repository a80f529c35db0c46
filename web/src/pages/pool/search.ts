// SPDX-License-Identifier: Apache-2.0

export type PoolView = "fleet" | "nodes" | "list";
export type ColourBy = "team" | "activity" | "profile" | "age";

export interface PoolSearch {
  view?: PoolView;
  by?: ColourBy;
  /** What the side panel shows: "dgx-1", "dgx-1/2", "dgx-1/2/1g.5gb@4". */
  sel?: string;
}

const one = <T extends string>(value: unknown, of: readonly T[]): T | undefined => of.find((word) => word === value);

export function poolSearch(search: Record<string, unknown>): PoolSearch {
  const view = one(search.view, ["fleet", "nodes", "list"] as const);
  const by = one(search.by, ["team", "activity"] as const);
  return { ...(view ? { view } : {}), ...(by ? { by } : {}), ...(typeof search.sel === "string" ? { sel: search.sel } : {}) };
}

/** At most so many moves; the API's own number unless one asks otherwise. */
export const defragmentSearch = (search: Record<string, unknown>): { most?: number } => {
  const most = Number(search.most);
  return Number.isInteger(most) && most >= 1 && most <= 64 ? { most } : {};
};
