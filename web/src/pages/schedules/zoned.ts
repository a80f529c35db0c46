// SPDX-License-Identifier: Apache-2.0
// One moment by the clocks of two places: the schedule's and the viewer's.

const looks: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/** The zone of whoever looks. */
export const hereZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The names a browser knows; the server may know more, and has the last word. */
export const knownZones = (): string[] => ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

/** "Mon 24 Nov, 05:30" by the clock of a zone; undefined where the browser does not know it. */
export function timeIn(zone: string, us: number): string | undefined {
  try {
    return new Intl.DateTimeFormat("en-GB", { ...looks, timeZone: zone }).format(new Date(us / 1000)).replace(/^(\w+),? /, "$1 ");
  } catch {
    return undefined;
  }
}

/** What the clock here shows then, if it is another than the zone's. */
export function timeHere(zone: string, us: number, here = hereZone()): string | undefined {
  const own = timeIn(here, us);
  return own === timeIn(zone, us) ? undefined : own;
}
