// SPDX-License-Identifier: Apache-2.0
// Moments come as microseconds since 1970 in UTC, lengths of time as microseconds.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const clockWithSeconds = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

export const dateOf = (us: number): Date => new Date(us / 1000);

/** "14:05", and "3 Nov, 14:05" unless it is today. */
export function clockTime(us: number | undefined, seconds = false): string {
  if (us === undefined) return "";
  const at = dateOf(us);
  const time = (seconds ? clockWithSeconds : clock).format(at);
  return at.toDateString() === new Date().toDateString() ? time : `${day.format(at)}, ${time}`;
}

/** "5 s", "17 min", "2 h 44", "3 d 2 h". */
export function duration(us: number): string {
  const seconds = Math.max(0, us) / 1e6;
  if (seconds < 0.95) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 89.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, "0")}`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** "6h", "90 min", "30s", "2d", or a bare number of minutes; undefined if it is none of them. */
export function parseDuration(text: string): number | undefined {
  const found = /^\s*(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d)?\s*$/i.exec(text);
  if (!found) return undefined;
  const unit = { s: 1, sec: 1, m: 60, min: 60, h: 3600, d: 86_400 }[(found[2] ?? "min").toLowerCase()];
  return Math.round(Number(found[1]) * unit! * 1e6);
}

/** 1234567 as "1 234 567", with thin spaces. */
export const count = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, "\u2009");

/** MiB as GiB: "4.75 GiB", "512 MiB". */
export function memory(mib: number): string {
  if (mib < 1024) return `${mib} MiB`;
  const gib = mib / 1024;
  return `${gib >= 100 ? Math.round(gib) : Number(gib.toFixed(gib < 10 ? 2 : 1))} GiB`;
}

/** A sentence of the server with its moments as clock times. */
export const readable = (sentence: string): string =>
  sentence.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (at) => clockTime(Date.parse(at) * 1000, true));
