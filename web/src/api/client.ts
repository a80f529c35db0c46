// SPDX-License-Identifier: Apache-2.0
import type { Answer, Body, Only, WithBody, WithoutBody } from "./operations";
import type { components } from "./schema";

export type Schemas = components["schemas"];
export type Pool = Schemas["Pool"];
export type Node = Schemas["Node"];
export type Gpu = Schemas["Gpu"];
export type Slice = Schemas["Slice"];
export type Job = Schemas["Job"];
export type JobState = Job["state"];
export type JobDetails = Schemas["JobDetails"];
export type Attempt = Schemas["Attempt"];
export type Template = Schemas["Template"];
export type Why = Schemas["Why"];
export type Event = Schemas["Event"];
export type User = Schemas["User"];
export type Team = Schemas["Team"];
export type Project = Schemas["Project"];
export type Token = Schemas["Token"];
export type Whoami = Schemas["Whoami"];
export type SubmitJobs = Schemas["SubmitJobs"];
export type BoardCount = Schemas["BoardCount"];

/** What the server, or the way to it, said no with. `field` is the path of the input it concerns: "on[0]", "command". */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    message: string,
    readonly hint = "",
    readonly field = "",
  ) {
    super(message);
  }

  /** One sentence with what would be right. */
  get said(): string {
    return this.hint ? `${this.message}: ${this.hint}` : this.message;
  }
}

let onSignedOut = () => {};
/** Called when the server no longer knows who this is. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

/** Says so where no answer of the API did: the event stream was refused. */
export const signedOut = (): void => onSignedOut();

export interface Asked {
  body?: unknown;
  /** Instead of a body: bytes as they are. */
  bytes?: Uint8Array<ArrayBuffer>;
  token?: string;
  ifMatch?: string;
  signal?: AbortSignal;
  /** A question that is too large for an address: nothing is changed by it, so it needs no key. */
  changes?: false;
}

async function refusalOf(response: Response): Promise<Refusal> {
  try {
    const { error } = (await response.json()) as { error: Schemas["ErrorDetail"] };
    return new Refusal(response.status, error.kind, error.message, error.hint ?? "", error.field ?? "");
  } catch {
    return new Refusal(response.status, "internal", `the server answered ${response.status}`, "its log says more");
  }
}

export async function answerOf(method: string, path: string, asked: Asked = {}): Promise<Response> {
  const headers: Record<string, string> = {};
  if (asked.body !== undefined) headers["Content-Type"] = "application/json";
  // Asked again after a lost answer, the server does it once.
  if (method === "POST" && asked.changes !== false) headers["Idempotency-Key"] = crypto.randomUUID();
  if (asked.token) headers["Authorization"] = `Bearer ${asked.token}`;
  if (asked.ifMatch) headers["If-Match"] = asked.ifMatch;
  if (asked.bytes) headers["Content-Type"] = "application/octet-stream";
  const body = asked.bytes ?? (asked.body === undefined ? null : JSON.stringify(asked.body));
  let response: Response;
  try {
    response = await fetch(path, { method, headers, body, signal: asked.signal ?? null });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refusal(0, "unavailable", "the server does not answer", "nothing was changed that it did not confirm");
  }
  if (response.ok) return response;
  const refusal = await refusalOf(response);
  if (response.status === 401 && !asked.token) onSignedOut();
  throw refusal;
}

async function call<T>(method: string, path: string, asked: Asked = {}): Promise<T> {
  return (await (await answerOf(method, path, asked)).json()) as T;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => call<T>("GET", path, signal ? { signal } : {});

export function post<P extends WithoutBody<"post">>(path: P): Promise<Answer<"post", P>>;
export function post<P extends WithBody<"post">, B extends Body<"post", P>>(path: P, body: B & Only<B, Body<"post", P>>): Promise<Answer<"post", P>>;
export function post(path: string, body?: unknown): Promise<unknown> {
  return call("POST", path, { body });
}

/** A question that is too large for an address: nothing is changed by it. */
export function ask<P extends WithBody<"post">, B extends Body<"post", P>>(path: P, body: B & Only<B, Body<"post", P>>, signal: AbortSignal): Promise<Answer<"post", P>> {
  return call("POST", path, { body, signal, changes: false });
}

/** Says what one thing is to be from now on; with `ifMatch`, only if it still is what this ETag was of. */
export function put<P extends WithBody<"put">, B extends Body<"put", P>>(path: P, body: B & Only<B, Body<"put", P>>, ifMatch?: string): Promise<Answer<"put", P>> {
  return call("PUT", path, { body, ...(ifMatch ? { ifMatch } : {}) });
}

/** Changes one thing that this ETag still describes; without one, as `path` answers now. */
export async function patch<P extends WithBody<"patch">, B extends Body<"patch", P>>(path: P, body: B & Only<B, Body<"patch", P>>, ifMatch?: string): Promise<Answer<"patch", P>> {
  return call("PATCH", path, { body, ifMatch: ifMatch ?? (await answerOf("GET", path)).headers.get("ETag") ?? "*" });
}

export const remove = <P extends WithoutBody<"delete">>(path: P): Promise<Answer<"delete", P>> => call("DELETE", path);

interface Page<T> {
  items: T[];
  next?: string;
}

/** All of a list, up to `most` parts of a thousand. */
export async function all<T>(path: string, most = 12, signal?: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let part = 0; part < most; ++part) {
    const query = `${path.includes("?") ? "&" : "?"}limit=1000${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`;
    const page = await get<Page<T>>(path + query, signal);
    items.push(...page.items);
    cursor = page.next;
    if (!cursor) break;
  }
  return items;
}
