// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from "../../api/client";

export type EarlyStopping = Schemas["EarlyStopping"];
export type StoppingRule = Schemas["StoppingRule"];
type Count = "after" | "every" | "others" | "eta";

/** What the API takes where nothing is said. */
export const usual: Record<Count, number> = { after: 1, every: 1, others: 3, eta: 3 };
export const least: Record<Count, number> = { after: 1, every: 1, others: 1, eta: 2 };

/** The rule without what says nothing; undefined where there is none. */
export function slimRule(rule: EarlyStopping | null | undefined): EarlyStopping | undefined {
  if (rule === null || typeof rule !== "object") return undefined;
  const kept = Object.entries(rule).filter(([field, value]) => value !== "" && value !== null && value !== undefined && value !== usual[field as Count]);
  return { rule: "median", ...Object.fromEntries(kept) };
}

/** Another rule: what speaks of the one before alone is forgotten. */
export function withRule(before: EarlyStopping | null | undefined, rule: StoppingRule): EarlyStopping {
  const { every, others, eta, ...shared } = before ?? {};
  const own = rule === "median" ? { every, others } : { eta };
  return { ...shared, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)), rule };
}

/** When trials are compared, and which of them go on. */
export function meaningOf(rule: EarlyStopping): string {
  const { after, every, others, eta } = { ...usual, ...rule };
  if (rule.rule === "asha") return `At steps ${after}, ${after * eta}, ${after * eta * eta} and so on: of those that have come so far one in ${eta} goes on.`;
  return `At step ${after} and every ${every === 1 ? "step" : `${every} steps`} beyond it, once ${others} ${others === 1 ? "other has" : "others have"} come so far: who is worse than their median is ended.`;
}
