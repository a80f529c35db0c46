// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from "../../api/client";
import { clockTime, count, duration } from "../../parts/time";

export type Trial = Schemas["Trial"];
export type Start = Schemas["Start"];
export type TriedRung = Schemas["TriedRung"];

export const nth = (at: number): string => ["first", "second", "third", "fourth", "fifth"][at] ?? `${at + 1}th`;

/** "gpu2 1g.5gb@4": which GPU, and what of it; nothing where the place is not on one GPU. */
export function placeOf(text: string | undefined): { gpu: number; placement?: string; start?: number } | undefined {
  const found = /^gpu(\d+)(?: (\S+@(\d+)))?$/.exec(text ?? "");
  if (!found) return undefined;
  return { gpu: Number(found[1]), ...(found[2] ? { placement: found[2], start: Number(found[3]) } : {}) };
}

/** How many members on which node: "2 members on dgx-0, 1 on dgx-1". */
function membersWords(members: Schemas["MemberStart"][]): string {
  const on = new Map<string, number>();
  for (const { node } of members) on.set(node, (on.get(node) ?? 0) + 1);
  const parts = [...on].map(([node, many], at) => `${count(many)}${at > 0 ? "" : many === 1 ? " member" : " members"} on ${node}`);
  return parts.length > 4 ? `${parts.slice(0, 3).join(", ")} and ${count(parts.length - 3)} nodes more` : parts.join(", ");
}

/** Where, as people say it: "1g.5gb@4 of dgx-02, GPU 2"; of a gang how many members where. */
export function whereWords(start: Start): string {
  if (start.members?.length) return membersWords(start.members);
  const place = placeOf(start.place);
  if (place) return `${place.placement ? `${place.placement} of ` : ""}${start.node}, GPU ${place.gpu}`;
  if (!start.place || start.place === "cpu") return start.node ?? "";
  return `${start.place.replaceAll("gpu", "GPU ")} of ${start.node}`;
}

/** When one choice could be had, in two words: "now", "by 14:47", "about 14:37", "not known", "never". */
export function whenWords(can: TriedRung["can"], start: Start): string {
  if (can === "never") return "never";
  if (start.confidence === "now") return "now";
  if (start.confidence === "unknown" || start.at === undefined) return "not known";
  return `${start.confidence === "about" || start.confidence === "likely" ? "about" : "by"} ${clockTime(start.at)}`;
}

/** The answer first: what will happen, and then where or why not. */
export function answerOf(trial: Trial, now: number): { title: string; text: string; look: "ok" | "warn" | "err" } {
  const { start } = trial;
  const { members } = start;
  const many = members && members.length > 1 ? `${count(members.length)} members together, ` : "";
  const first = trial.count > 1 ? (many ? `The first, all ${many}` : "The first ") : many ? `All ${many}` : "";
  const choice = trial.rungs.length > 1 && start.rung !== undefined ? `on its ${nth(start.rung)} choice, ` : "";
  const all = many ? `all ${many}` : "";
  const gangs = members ? " gangs" : "";
  if (start.confidence === "now") {
    const title = trial.count === 1 ? "Starts now" : trial.now >= trial.count ? `All ${count(trial.count)}${gangs} start now` : `${count(trial.now)} of ${count(trial.count)}${gangs} start now`;
    return { title, text: `${first}${choice}${start.on ?? ""}: ${whereWords(start)}.`, look: "ok" };
  }
  const length = start.at === undefined ? "" : duration(start.at - now);
  if (start.confidence === "about") return { title: `Starts about ${clockTime(start.at)}`, text: `In ${length}, ${choice}${start.on}: a machine boots for it at ${start.node}.`, look: "warn" };
  if (start.confidence === "likely")
    return { title: `Starts about ${clockTime(start.at)}`, text: `Likely in ${length}, ${all}${choice}${start.on}: ${whereWords(start)}, if those before it run as long as such jobs usually do.`, look: "warn" };
  if (start.confidence === "at_latest")
    return { title: `Starts by ${clockTime(start.at)}`, text: `In ${length} at the latest, ${all}${choice}${start.on}: ${whereWords(start)}. Sooner if somebody is done sooner; later if something of more precedence comes.`, look: "warn" };
  if (trial.rungs.every((rung) => rung.can === "never")) return { title: "It would never start", text: "No hardware here gives any of its choices.", look: "err" };
  return { title: "It will wait", text: "Until when is not known: how long they run who hold what it needs nobody knows, or it is too far ahead to say.", look: "warn" };
}

/** The same of a job that waits, in a sentence. */
export function startWords(start: Start, now: number): string {
  if (start.confidence === "now") return "Its place is free: it starts next.";
  if (start.confidence === "unknown" || start.at === undefined)
    return "When it starts nobody can say: how long they run who hold what it needs is not known, or it is too far ahead.";
  const length = duration(start.at - now);
  const when = { at_latest: `by ${clockTime(start.at)}, in ${length} at the latest`, likely: `about ${clockTime(start.at)}, likely in ${length}`, about: `about ${clockTime(start.at)}, in ${length}` }[start.confidence];
  return `${start.members ? "All its members" : "It"} would start ${when}, on ${start.on}: ${whereWords(start)}.`;
}

/** What it costs, in the unit of the prices; undefined where its template has none: not priced is not free. */
export function costOf(start: Start, limit: number | undefined): { hour: number; most: number | undefined } | undefined {
  if (!start.price_micro) return undefined;
  const hour = start.price_micro / 1e6;
  return { hour, most: limit ? (hour * limit) / 3600e6 : undefined };
}
