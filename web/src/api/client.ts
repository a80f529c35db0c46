// SPDX-License-Identifier: Apache-2.0
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

export async function call<T>(method: string, path: string, asked: Asked = {}): Promise<T> {
  return (await (await answerOf(method, path, asked)).json()) as T;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => call<T>("GET", path, signal ? { signal } : {});
export const post = <T>(path: string, body?: unknown): Promise<T> => call<T>("POST", path, body === undefined ? {} : { body });

/** Changes one thing that its ETag still describes: what `path` answers now. */
export async function patch<T>(path: string, body: unknown): Promise<T> {
  const now = await answerOf("GET", path);
  return call<T>("PATCH", path, { body, ifMatch: now.headers.get("ETag") ?? "*" });
}

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
