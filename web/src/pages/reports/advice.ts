// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { get, type Pool, type Schemas, type Template } from "../../api/client";
import type { Code } from "../../parts/AsCode";
import { duration, parseDuration } from "../../parts/time";
import { cell } from "./report";
import { ages } from "./search";

export type Advice = Schemas["Advice"];
export type AdviceItem = Schemas["AdviceItem"];

export function useAdvice(age: string) {
  return useQuery({
    queryKey: ["metrics", "advice", age],
    queryFn: ({ signal }) => get<Advice>(`/v1/advice?age=${parseDuration(age)}`, signal),
    refetchInterval: 15_000,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** The profile it holds, "3g.20gb" of "gpu0 3g.20gb@4"; nothing where it is a whole GPU. */
export const heldProfile = (place: string): string | undefined => /\s(\S+)@\d+$/.exec(place)?.[1];

/** Memory slices of a profile, of those its GPU has. */
export function partOfProfile(pool: Pool | undefined, profile: string): { slices: number; of: number } | undefined {
  for (const board of pool?.boards ?? []) {
    const found = board.profiles.find((one) => one.name === profile);
    if (found) return { slices: found.memory_slices, of: board.memory_slices };
  }
  return undefined;
}

/** What to ask for instead: a template of the profile that would do, the cheapest if there are several. */
export const templateFor = (profile: string, templates: Template[]): Template | undefined =>
  templates.filter((one) => one.kind === "slice" && one.profile === profile).sort((a, b) => a.price_micro - b.price_micro)[0];

/** What an hour would cost less; nothing where either has no price. */
export function savedAnHour(item: AdviceItem, templates: Template[]): number | undefined {
  const now = templates.find((one) => one.name === item.on)?.price_micro;
  const then = item.kind === "unused" ? 0 : templateFor(item.fits, templates)?.price_micro || undefined;
  return now && then !== undefined && now > then ? (now - then) / 1e6 : undefined;
}

export const freedSlices = (advice: Advice): number => advice.items.reduce((sum, item) => sum + item.saves_slices, 0);

/** Whom it looked at, and of whom nothing is known: an empty list is no proof that nothing is wasted. */
export function lookedAt({ looked_at: looked, unknown }: Advice, age: string): string {
  const words = ages.find(([key]) => key === age)?.[1] ?? duration(parseDuration(age) ?? 0);
  if (looked === 0) return `No job on a GPU has run for ${words} yet.`;
  const jobs = `${looked} ${looked === 1 ? "job" : "jobs"} on GPUs that ${looked === 1 ? "has" : "have"} run for ${words} or longer ${looked === 1 ? "was" : "were"} looked at`;
  return unknown === 0 ? `${jobs}.` : `${jobs}; nothing was measured of ${unknown === looked ? (looked === 1 ? "it" : "them") : unknown}, and what is not measured gives no advice.`;
}

/** What is seen, for a spreadsheet; what is not known is empty. */
export function csvOfAdvice({ items }: Advice): string {
  const head = ["job", "name", "project", "user", "on", "node", "place", "memory (MiB)", "most memory (MiB)", "most activity", "mean activity", "would do", "frees (memory slices)"];
  const rows = items.map((item) => [
    item.job, item.name, item.project, item.user, item.on, item.node, item.place, item.memory_mib, item.most_memory_mib ?? "", item.most_activity ?? "", item.activity ?? "", item.fits, item.saves_slices,
  ]);
  return [head, ...rows].map((row) => `${row.map((one) => cell(String(one))).join(",")}\r\n`).join("");
}

/** The same question for scripts. */
export function codeOf(age: string, origin: string): Code {
  const us = parseDuration(age) ?? 0;
  return {
    command: `nav advice --age ${age}`,
    python: `import datetime\nimport opennav\n\nadvice = opennav.Client().ask(opennav.api.get_advice(age=datetime.timedelta(seconds=${us / 1e6})))`,
    http: `curl "${origin}/v1/advice?age=${us}" -H "Authorization: Bearer $NAV_TOKEN"`,
  };
}
