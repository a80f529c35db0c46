// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from "../../api/client";

export type Usage = Schemas["Usage"];
export type Account = Usage["accounts"][number];
export type UserUse = Usage["users"][number];

/** What is typed into a form of numbers; empty: no limit. */
export type Typed = Record<string, string>;

const whole = (text: string): number | undefined => (/^\d+$/.test(text.trim()) ? Number(text.trim()) : undefined);

/** The numbers of a form, with what is not there left out; and what is none. GiB become MiB where the field says MiB. */
export function numbersOf(typed: Typed, least: Record<string, number> = {}): { numbers: Record<string, number>; wrongs: Record<string, string> } {
  const numbers: Record<string, number> = {};
  const wrongs: Record<string, string> = {};
  for (const [field, text] of Object.entries(typed)) {
    if (text.trim() === "") continue;
    const sign = field === "priority_ceiling" && /^-\d+$/.test(text.trim()) ? Number(text) : whole(text);
    if (sign === undefined) wrongs[field] = "A whole number, or nothing for no limit.";
    else if (sign < (least[field] ?? -Infinity)) wrongs[field] = `At least ${least[field]}.`;
    else numbers[field] = field.endsWith("_mib") ? sign * 1024 : sign;
  }
  return { numbers, wrongs };
}

/** A form as it stands for what is so now. */
export const typedOf = (fields: readonly string[], now: Record<string, number | null | undefined> | null | undefined): Typed =>
  Object.fromEntries(fields.map((field) => [field, now?.[field] === undefined || now[field] === null ? "" : String(field.endsWith("_mib") ? Math.round(now[field] / 1024) : now[field])]));

/** How deep each account stands in the tree. */
export function depths(accounts: Account[]): Map<string, number> {
  const parents = new Map(accounts.filter((one) => one.kind === "team").map((one) => [one.name, one.parent]));
  const deep = (team: string, steps = 0): number => (team === "" || steps > 32 ? 0 : 1 + deep(parents.get(team) ?? "", steps + 1));
  return new Map(accounts.map((one) => [`${one.kind} ${one.name}`, deep(one.parent)]));
}
