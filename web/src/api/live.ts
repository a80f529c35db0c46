// SPDX-License-Identifier: Apache-2.0
// One event stream a browser: the tab that holds the lock follows /v1/events and tells the others.
import { useSyncExternalStore } from "react";
import { signedOut, type Event } from "./client";
import { parseEvents } from "./event-stream";

export interface LiveState {
  state: "live" | "connecting" | "lost";
  /** When it stopped being live, and when it is tried again; by this browser's clock. */
  since: number;
  retryAt: number;
}

type Said =
  | { type: "events"; events: Event[] }
  | { type: "resync" }
  | { type: "state"; state: LiveState; sequence: number | undefined }
  | { type: "signed-out" }
  | { type: "hello" };

const silence = 40_000; // the server says something every 15 seconds
const patience = [1000, 2000, 4000, 8000, 15_000];

let state: LiveState = { state: "connecting", since: Date.now(), retryAt: 0 };
let sequence: number | undefined;
let leading = false;
let channel: BroadcastChannel | undefined;
let ending: AbortController | undefined;
let retryNow = () => {};
const watchers = new Set<() => void>();
const hearers = new Set<(events: Event[] | "resync") => void>();

function setState(next: LiveState): void {
  state = next;
  for (const watcher of watchers) watcher();
  if (leading) channel?.postMessage({ type: "state", state, sequence } satisfies Said);
}

function hear(events: Event[] | "resync"): void {
  if (events === "resync") sequence = undefined;
  else for (const event of events) sequence = Math.max(sequence ?? 0, event.sequence);
  for (const hearer of hearers) hearer(events);
}

function tell(events: Event[]): void {
  if (events.length === 0) return;
  hear(events);
  channel?.postMessage({ type: "events", events } satisfies Said);
}

/** Follows until the stream ends; whether it ever began. */
async function followOnce(signal: AbortSignal): Promise<boolean> {
  const quiet = new AbortController();
  const stop = () => quiet.abort();
  signal.addEventListener("abort", stop);
  let alarm = setTimeout(stop, silence);
  let began = false;
  try {
    const headers: Record<string, string> = sequence === undefined ? {} : { "Last-Event-ID": String(sequence) };
    const response = await fetch("/v1/events", { headers, signal: quiet.signal, cache: "no-store" });
    if (response.status === 401) {
      channel?.postMessage({ type: "signed-out" } satisfies Said);
      signedOut();
    }
    if (!response.ok || !response.body) return false;
    began = true;
    const wasLost = state.state !== "live";
    setState({ state: "live", since: Date.now(), retryAt: 0 });
    // What changed while nobody listened is in the lists; they are read anew once, whatever the stream still brings.
    if (wasLost) hear([]);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return began;
      clearTimeout(alarm);
      alarm = setTimeout(stop, silence);
      const parsed = parseEvents(rest + value);
      rest = parsed.rest;
      if (parsed.resync) {
        hear("resync");
        channel?.postMessage({ type: "resync" } satisfies Said);
      }
      tell(parsed.events);
    }
  } catch {
    return began;
  } finally {
    clearTimeout(alarm);
    signal.removeEventListener("abort", stop);
  }
}

async function lead(signal: AbortSignal): Promise<void> {
  leading = true;
  let tries = 0;
  while (!signal.aborted) {
    const began = await followOnce(signal);
    if (signal.aborted) break;
    tries = began ? 0 : tries + 1;
    const wait = patience[Math.min(tries, patience.length - 1)]! * (0.8 + 0.4 * Math.random());
    setState({ state: "lost", since: state.state === "live" ? Date.now() : state.since, retryAt: Date.now() + wait });
    await new Promise<void>((resolve) => {
      retryNow = resolve;
      setTimeout(resolve, wait);
    });
  }
  leading = false;
}

/** Begins to listen, once a page; the returned function ends it. */
export function listen(hearer: (events: Event[] | "resync") => void): () => void {
  hearers.add(hearer);
  const own = new AbortController();
  ending = own;
  channel = new BroadcastChannel("nav-live");
  channel.onmessage = ({ data }: MessageEvent<Said>) => {
    if (data.type === "hello" && leading) channel?.postMessage({ type: "state", state, sequence } satisfies Said);
    if (leading) return;
    if (data.type === "events") hear(data.events);
    if (data.type === "resync") hear("resync");
    if (data.type === "signed-out") signedOut();
    if (data.type === "state") {
      const healed = data.state.state === "live" && state.state !== "live";
      setState(data.state);
      sequence ??= data.sequence;
      if (healed) hear([]);
    }
  };
  channel.postMessage({ type: "hello" } satisfies Said);
  const wakeUp = () => retryNow();
  window.addEventListener("online", wakeUp);
  if (navigator.locks) void navigator.locks.request("nav-live", { signal: own.signal }, () => lead(own.signal)).catch(() => {});
  else void lead(own.signal);
  return () => {
    own.abort();
    retryNow();
    hearers.delete(hearer);
    window.removeEventListener("online", wakeUp);
    channel?.close();
    if (ending === own) state = { state: "connecting", since: Date.now(), retryAt: 0 };
    sequence = undefined;
  };
}

export function useLive(): LiveState {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => state,
  );
}
