// SPDX-License-Identifier: Apache-2.0
import type { Schemas, Template } from "../../api/client";
import { parseDuration } from "../../parts/time";

export type SetTemplate = Schemas["SetTemplate"];

/** The form as it is typed. */
export interface TemplateDraft {
  name: string;
  kind: Template["kind"];
  profile: string;
  family: string;
  gpus: string;
  cpus: string;
  memory: string;
  price: string;
  longest: string;
  description: string;
  nodes: string[];
  sites: string[];
  teams: string[];
  /** What the form has no field for is kept as it was. */
  kept: Pick<SetTemplate, "labels" | "projects" | "users" | "priority_ceiling">;
}

export type TemplateWrongs = Partial<Record<keyof TemplateDraft, string>>;

export const emptyTemplate: TemplateDraft = {
  name: "", kind: "slice", profile: "", family: "", gpus: "1", cpus: "", memory: "", price: "", longest: "", description: "", nodes: [], sites: [], teams: [], kept: {},
};

export function draftOfTemplate(template: Template): TemplateDraft {
  return {
    name: template.name,
    kind: template.kind,
    profile: template.profile ?? "",
    family: template.family ?? "",
    gpus: String(template.gpus ?? 1),
    cpus: String(template.cpu_milli / 1000),
    memory: `${template.memory_mib} MiB`,
    price: template.price_micro ? String(template.price_micro / 1e6) : "",
    longest: template.longest ? `${template.longest / 1e6}s` : "",
    description: template.description ?? "",
    nodes: template.nodes,
    sites: template.sites,
    teams: template.teams,
    kept: {
      labels: template.labels,
      projects: template.projects,
      users: template.users,
      ...(template.priority_ceiling === undefined ? {} : { priority_ceiling: template.priority_ceiling }),
    },
  };
}

/** The whole template as it is to be, and what is wrong with it. */
export function templateOf(draft: TemplateDraft): { wanted: SetTemplate; wrongs: TemplateWrongs } {
  const wrongs: TemplateWrongs = {};
  const wanted: SetTemplate = { ...draft.kept, name: draft.name, kind: draft.kind, nodes: draft.nodes, sites: draft.sites, teams: draft.teams };
  if (!/^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/.test(draft.name) || draft.name.length > 63) wrongs.name = "Lower-case letters, digits and inner - . _, at most 63.";
  if (draft.kind === "slice") {
    if (draft.profile) wanted.profile = draft.profile;
    else wrongs.profile = "Pick what the hardware can make.";
  }
  if (draft.kind === "gpus") {
    if (draft.family) wanted.family = draft.family;
    else wrongs.family = "Pick a kind of GPU.";
    const gpus = Number(draft.gpus);
    if (Number.isInteger(gpus) && gpus >= 1 && gpus <= 32) wanted.gpus = gpus;
    else wrongs.gpus = "A whole number from 1 to 32.";
  }
  if (draft.cpus) {
    const cpus = Number(draft.cpus);
    if (cpus > 0) wanted.cpu_milli = Math.round(cpus * 1000);
    else wrongs.cpus = "A number such as 4, or leave it empty.";
  }
  if (draft.memory) {
    const found = /^\s*(\d+(?:\.\d+)?)\s*(g|gib|gb|m|mib|mb)?\s*$/i.exec(draft.memory);
    if (found) wanted.memory_mib = Math.round(Number(found[1]) * (/^m/i.test(found[2] ?? "g") ? 1 : 1024));
    else wrongs.memory = "A size such as 32 GiB, or leave it empty.";
  }
  if (draft.price) {
    const price = Number(draft.price);
    if (price >= 0) wanted.price_micro = Math.round(price * 1e6);
    else wrongs.price = "A number such as 0.25, or leave it empty.";
  }
  if (draft.longest) {
    const longest = parseDuration(draft.longest);
    if (longest) wanted.longest = longest;
    else wrongs.longest = "A time such as 12 h, or leave it empty.";
  }
  if (draft.description) wanted.description = draft.description;
  return { wanted, wrongs };
}

const fields: Record<string, keyof TemplateDraft> = {
  name: "name", profile: "profile", family: "family", gpus: "gpus", cpu_milli: "cpus", memory_mib: "memory", price_micro: "price", longest: "longest",
  description: "description", nodes: "nodes", sites: "sites", teams: "teams", kind: "kind",
};
export const fieldOf = (path: string): keyof TemplateDraft | undefined => fields[path.split(/[.[]/)[0] ?? ""];

/** What two versions of a template differ in: "price_micro: 250000 or 300000". */
export function differences(mine: SetTemplate, theirs: Template): string[] {
  const text = (value: unknown) => (value === undefined || value === "" || (Array.isArray(value) && value.length === 0) ? "nothing" : JSON.stringify(value));
  return (Object.keys(fields) as (keyof SetTemplate & keyof Template)[])
    .filter((key) => text(mine[key]) !== text(theirs[key]))
    .map((key) => `${key}: ${text(mine[key])} here, ${text(theirs[key])} there`);
}
