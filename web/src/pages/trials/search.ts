// SPDX-License-Identifier: Apache-2.0

export interface ExperimentSearch {
  /** Columns beside the name, in order: "params.lr", "metrics.loss". */
  columns?: string;
  /** What the best is told by, and what the curves show. */
  metric?: string;
  /** Whether less of it is better. */
  least?: boolean;
  /** In MLflow's language. */
  filter?: string;
  /** Runs that were picked, by id. */
  picked?: string;
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

export function experimentSearch(search: Record<string, unknown>): ExperimentSearch {
  const found = { columns: text(search.columns), metric: text(search.metric), filter: text(search.filter), picked: text(search.picked) };
  const kept = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
  return { ...kept, ...(search.least === true || search.least === "true" ? { least: true } : search.least === false || search.least === "false" ? { least: false } : {}) };
}
