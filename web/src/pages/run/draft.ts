// SPDX-License-Identifier: Apache-2.0
import type { Refusal, Schemas, SubmitJobs } from "../../api/client";
import { count, parseDuration } from "../../parts/time";
import { parseRung, textOf, wrongOf, type Rung } from "./rung";
import { lineOf, quoted, wordsOf } from "./words";

/** The form as it is typed. */
export interface Draft {
  on: Rung[];
  /** Whether it runs to its end, or is there to be used. */
  kind: "job" | "workspace" | "endpoint";
  /** Of a workspace it may be empty: Jupyter. */
  command: string;
  /** A path that is asked whether a service is well; empty: it is as long as it listens. */
  health: string;
  /** A service is ended when nobody used it for so long; empty: never. */
  idleAfter: string;
  name: string;
  project: string;
  env: string;
  workdir: string;
  /** What was sent along with the job this one begins as a copy of. */
  code: Schemas["SentFile"][];
  timeLimit: string;
  cpus: string;
  memory: string;
  retries: string;
  priority: string;
  count: string;
  /** Of a gang, whose members start together; empty: jobs by themselves. */
  members: string;
  restartable: boolean;
  upgrade: boolean;
  /** Begin anew where there is more memory, once that ran out. */
  climb: boolean;
}

export const emptyDraft: Draft = {
  on: [], kind: "job", command: "", health: "", idleAfter: "", name: "", project: "", env: "", workdir: "", code: [], timeLimit: "", cpus: "", memory: "", retries: "", priority: "", count: "", members: "", restartable: false, upgrade: false, climb: false,
};

export const mostMembers = 1024;
const mostAtOnce = 100_000;

/** What is wrong, by field; empty when it can be sent. */
export type Wrongs = Partial<Record<keyof Draft, string>>;

/** A whole number within these bounds; undefined if the text is none. */
export const whole = (text: string, least: number, most: number): number | undefined => {
  const n = Number(text);
  return Number.isInteger(n) && n >= least && n <= most ? n : undefined;
};

/** The request that the form means, with nothing in it that was left empty; and what is wrong with it. */
export function requestOf(draft: Draft): { request: SubmitJobs; wrongs: Wrongs } {
  const wrongs: Wrongs = {};
  const request: SubmitJobs = { on: draft.on.map(textOf), command: [] };
  if (draft.on.length === 0) wrongs.on = "Pick at least one from the menu at the left.";
  const wrong = draft.on.map(wrongOf).find((one) => one !== undefined);
  if (wrong) wrongs.on = wrong;
  const command = wordsOf(draft.command);
  if (!command) wrongs.command = "A quote is not closed.";
  else if (command.words.length === 0 && draft.kind !== "workspace") wrongs.command = "What is to run? For example: python train.py --epochs 20";
  else request.command = command.words;
  if (draft.kind !== "job") {
    const idle = draft.idleAfter.trim() ? parseDuration(draft.idleAfter) : 0;
    if (idle === undefined) wrongs.idleAfter = "A time such as 30 min or 2 h; leave it empty if it may be idle for ever.";
    if (draft.health && !/^\/[^\s#]*$/.test(draft.health)) wrongs.health = "A path that begins with /, as /healthz, without spaces.";
    request.service = { kind: draft.kind, ...(draft.health ? { health: draft.health } : {}), ...(idle ? { idle_after: idle } : {}) };
  }
  if (draft.name) {
    if (draft.name.length > 63) wrongs.name = "At most 63 characters.";
    request.name = draft.name;
  }
  if (draft.project) request.project = draft.project;
  if (draft.workdir) request.workdir = draft.workdir;
  if (draft.code.length > 0) request.code = draft.code;
  if (draft.workdir && draft.code.length > 0) wrongs.workdir = "It starts among the files that are sent along: leave this empty.";
  const env: Record<string, string> = {};
  for (const line of draft.env.split("\n").filter((one) => one.trim())) {
    const at = line.indexOf("=");
    if (at < 1) wrongs.env = `"${line.trim()}" is not NAME=value.`;
    else env[line.slice(0, at).trim()] = line.slice(at + 1);
  }
  if (Object.keys(env).length > 0) request.env = env;
  if (draft.timeLimit) {
    const limit = parseDuration(draft.timeLimit);
    if (limit === undefined) wrongs.timeLimit = "A time such as 90 min, 6 h or 2 d.";
    else request.time_limit = limit;
  }
  if (draft.cpus) {
    const cpus = Number(draft.cpus);
    if (!(cpus > 0 && cpus <= 100_000)) wrongs.cpus = "A number such as 4 or 0.5.";
    else request.cpu_milli = Math.round(cpus * 1000);
  }
  if (draft.memory) {
    const found = /^\s*(\d+(?:\.\d+)?)\s*(g|gib|gb|m|mib|mb)?\s*$/i.exec(draft.memory);
    if (!found) wrongs.memory = "A size such as 16 GiB or 512 MiB.";
    else request.memory_mib = Math.round(Number(found[1]) * (/^m/i.test(found[2] ?? "g") ? 1 : 1024));
  }
  const number = (field: "retries" | "priority" | "count" | "members", least: number, most: number) => {
    if (!draft[field]) return;
    const n = whole(draft[field], least, most);
    if (n === undefined) wrongs[field] = `A whole number from ${least} to ${most}.`;
    else request[field] = n;
  };
  number("retries", 0, 1000);
  number("priority", -1000, 1000);
  if (draft.kind === "job") {
    number("count", 1, mostAtOnce);
    number("members", 1, mostMembers);
  }
  if (request.members && (request.count ?? 1) * request.members > mostAtOnce)
    wrongs.count = `At most ${count(Math.floor(mostAtOnce / request.members))} gangs of ${count(request.members)} at once.`;
  if (draft.restartable) request.restartable = true;
  if (draft.upgrade) request.upgrade = "restart";
  if (draft.climb) request.on_out_of_memory = "climb";
  if (request.members && draft.upgrade) wrongs.upgrade = "A gang cannot climb back to a better choice: take this or the members out.";
  if (request.members && draft.climb) wrongs.climb = "A gang cannot climb when memory runs out: take this or the members out.";
  if (draft.upgrade && !draft.restartable) wrongs.upgrade = "It is begun anew for this: allow that above.";
  return { request, wrongs };
}

/** The form that would send what a job was sent with. */
export function draftOf(request: Schemas["JobRequest"]): Draft {
  const unlessZero = (n: number, by = 1) => (n === 0 ? "" : String(n / by));
  return {
    ...emptyDraft,
    on: request.on.map(parseRung),
    kind: request.service?.kind ?? "job",
    command: lineOf(request.command),
    health: request.service?.health ?? "",
    idleAfter: request.service?.idle_after ? `${request.service.idle_after / 1e6}s` : "",
    name: request.name,
    project: request.project,
    env: Object.entries(request.env).map(([name, value]) => `${name}=${value}`).join("\n"),
    workdir: request.workdir,
    code: request.code,
    timeLimit: request.time_limit === 0 ? "" : `${request.time_limit / 1e6}s`,
    cpus: unlessZero(request.cpu_milli, 1000),
    memory: request.memory_mib === 0 ? "" : `${request.memory_mib} MiB`,
    retries: unlessZero(request.retries),
    priority: unlessZero(request.priority),
    members: unlessZero(request.members ?? 0),
    restartable: request.restartable,
    upgrade: request.upgrade === "restart",
    climb: request.on_out_of_memory === "climb",
  };
}

const fields: Record<string, keyof Draft> = {
  on: "on", command: "command", name: "name", project: "project", env: "env", workdir: "workdir", code: "code", time_limit: "timeLimit", cpu_milli: "cpus",
  memory_mib: "memory", retries: "retries", priority: "priority", count: "count", members: "members", restartable: "restartable", upgrade: "upgrade", on_out_of_memory: "climb",
  "service.health": "health", "service.idle_after": "idleAfter",
};

/** A refusal of the server on the field it concerns; undefined when it concerns none. */
export function wrongsOf(refusal: Refusal): Wrongs | undefined {
  const field = fields[refusal.field] ?? fields[refusal.field.split(/[.[]/)[0] ?? ""];
  return field ? { [field]: refusal.said } : undefined;
}

/** The same job as a command of `nav`. */
export function asCommand(request: SubmitJobs): string {
  const first: string[] = request.on.map((on) => `--on ${quoted(on)}`);
  const more: string[] = [];
  if (request.name) more.push(`--name ${quoted(request.name)}`);
  if (request.project) more.push(`--project ${quoted(request.project)}`);
  for (const [name, value] of Object.entries(request.env ?? {})) more.push(`--env ${quoted(`${name}=${value}`)}`);
  if (request.workdir) more.push(`--workdir ${quoted(request.workdir)}`);
  if (request.code) more.push("--code .");
  if (request.time_limit) more.push(`--time-limit ${request.time_limit / 1e6}s`);
  if (request.cpu_milli) more.push(`--cpus ${request.cpu_milli / 1000}`);
  if (request.memory_mib) more.push(`--memory ${request.memory_mib}M`);
  if (request.retries) more.push(`--retries ${request.retries}`);
  if (request.restartable) more.push("--restartable");
  if (request.upgrade === "restart") more.push("--upgrade restart");
  if (request.on_out_of_memory === "climb") more.push("--on-out-of-memory climb");
  if (request.priority) more.push(`--priority ${request.priority}`);
  if (request.members) more.push(`--members ${request.members}`);
  if (request.service?.health) more.push(`--health ${quoted(request.service.health)}`);
  if (request.service) more.push(`--idle-after ${(request.service.idle_after ?? 0) / 1e6}s`);
  if ((request.count ?? 1) > 1) more.push(`--count ${request.count}`);
  const word = { job: "nav run", workspace: "nav workspace start", endpoint: "nav serve" }[request.service?.kind ?? "job"];
  const words = request.command ?? [];
  const command = words.length > 0 ? `-- ${words.map(quoted).join(" ")}` : "";
  const lines = [`${word} ${first.join(" ")}`, more.join(" "), command].filter(Boolean);
  return lines.join(" \\\n  ");
}

/** The same job through the Python library. */
export function asPython(request: SubmitJobs): string {
  const text = (value: unknown): string => JSON.stringify(value);
  const { on, command = [], count: wanted = 1, time_limit, cpu_milli, restartable, code, service, ...rest } = request;
  const named = [`on=${text(on)}`];
  for (const [name, value] of Object.entries(rest)) if (value !== undefined) named.push(`${name}=${text(value)}`);
  if (time_limit) named.push(`time_limit=${time_limit / 1e6}`);
  if (cpu_milli) named.push(`cpus=${cpu_milli / 1000}`);
  if (restartable) named.push("restartable=True");
  if (code) named.push('code="."');
  if (service) named.push(...(service.health ? [`health=${text(service.health)}`] : []), `idle_after=${(service.idle_after ?? 0) / 1e6}`);
  const many = wanted > 1;
  const word = { job: many ? "run_many" : "run", workspace: "workspace", endpoint: "serve" }[service?.kind ?? "job"];
  const given = [...(command.length > 0 ? [text(command)] : []), ...(many ? [String(wanted)] : []), ...named];
  return [
    "import opennav",
    "",
    `${many ? "jobs" : "job"} = opennav.Client().${word}(${given.join(", ")})`,
  ].join("\n");
}

/** The same job as one request. */
export const asHttp = (request: SubmitJobs, origin: string): string =>
  `curl -X POST ${origin}/v1/jobs -H "Authorization: Bearer $NAV_TOKEN" \\\n  -H 'Content-Type: application/json' \\\n  -d ${quoted(JSON.stringify(request))}`;
