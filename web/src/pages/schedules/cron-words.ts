// SPDX-License-Identifier: Apache-2.0
// A cron expression in words. When it comes is the server's to say: here it is read only as far as telling what it says needs.

const shorthands: Record<string, string> = {
  "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
};
const months = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

interface Part {
  low: number;
  high: number;
  names?: string[];
}
const parts: Part[] = [{ low: 0, high: 59 }, { low: 0, high: 23 }, { low: 1, high: 31 }, { low: 1, high: 12, names: months }, { low: 0, high: 7, names: weekdays }];
const isWeekday = (part: Part): boolean => part.high === 7;

function valueOf(text: string, part: Part): number | undefined {
  const named = part.names?.findIndex((name) => name.slice(0, 3).toLowerCase() === text) ?? -1;
  if (named >= 0) return part.low + named;
  return /^\d+$/.test(text) && Number(text) >= part.low && Number(text) <= part.high ? Number(text) : undefined;
}

/** The values that one of the five fields names, ascending. */
function valuesOf(text: string, part: Part): number[] | undefined {
  const found = new Set<number>();
  for (const one of text.split(",")) {
    const [, range, step = "1"] = /^([^/]+)(?:\/(\d+))?$/.exec(one) ?? [];
    if (range === undefined || Number(step) < 1 || (one.includes("/") && range !== "*" && !range.includes("-"))) return undefined;
    const [from, to = from] = range === "*" ? [String(part.low), String(isWeekday(part) ? 6 : part.high)] : range.split("-");
    const first = valueOf(from!, part);
    let last = valueOf(to!, part);
    if (isWeekday(part) && range.includes("-") && last === 0) last = 7;
    if (first === undefined || last === undefined || last < first) return undefined;
    for (let at = first; at <= last; at += Number(step)) found.add(isWeekday(part) ? at % 7 : at);
  }
  return [...found].sort((a, b) => a - b);
}

const two = (n: number): string => String(n).padStart(2, "0");
const listed = (words: readonly (string | number)[]): string => (words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`);
const ordinal = (n: number): string => `${n}${n % 10 === 1 && n !== 11 ? "st" : n % 10 === 2 && n !== 12 ? "nd" : n % 10 === 3 && n !== 13 ? "rd" : "th"}`;
const inOneRow = (values: readonly number[]): boolean => values.every((value, at) => at === 0 || value === values[at - 1]! + 1);

/** By how much values go from 0 all around a circle of `size`: 15 for the minutes 0, 15, 30 and 45. */
function stepAround(values: readonly number[], size: number): number | undefined {
  const step = size / values.length;
  return Number.isInteger(step) && values.every((value, at) => value === at * step) ? step : undefined;
}

function minuteWords(minutes: readonly number[]): string {
  const step = stepAround(minutes, 60);
  if (step === 1) return "every minute";
  if (step !== undefined && step < 60) return `every ${step} minutes`;
  return step === 60 ? "every hour" : `every hour at minute ${listed(minutes)}`;
}

function timeWords(minutes: readonly number[], hours: readonly number[]): string {
  if (hours.length === 24) return minuteWords(minutes);
  if (minutes.length * hours.length <= 6) return `at ${listed(hours.flatMap((hour) => minutes.map((minute) => `${two(hour)}:${two(minute)}`)))}`;
  const step = stepAround(hours, 24);
  if (step !== undefined && minutes.length === 1) return `every ${step} hours${minutes[0] === 0 ? "" : ` at minute ${minutes[0]}`}`;
  const when = inOneRow(hours) ? `from ${two(hours[0]!)}:${two(minutes[0]!)} to ${two(hours.at(-1)!)}:${two(minutes.at(-1)!)}` : `in the hours ${listed(hours)}`;
  return `${minuteWords(minutes)} ${when}`;
}

function weekdayWords(days: readonly number[]): string {
  if (days.length > 2 && inOneRow(days)) return `from ${weekdays[days[0]!]} to ${weekdays[days.at(-1)!]}`;
  // Weeks begin on Monday here, so that a weekend is Saturday and Sunday.
  return `on ${listed([...days].sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7)).map((day) => weekdays[day]!))}`;
}

/** "at 02:30 from Monday to Friday", or undefined if it cannot be read: why not is the server's to say. */
export function cronWords(text: string): string | undefined {
  const given = text.trim().toLowerCase();
  const fields = (shorthands[given] ?? given).split(/[ \t]+/);
  if (fields.length !== parts.length) return undefined;
  const values = fields.map((field, at) => valuesOf(field, parts[at]!));
  if (values.some((one) => one === undefined)) return undefined;
  const [minutes, hours, days, inMonths, onWeekdays] = values as [number[], number[], number[], number[], number[]];
  const anyDay = days.length === 31;
  const anyWeekday = onWeekdays.length === 7;
  const anyMonth = inMonths.length === 12;
  const time = timeWords(minutes, hours);
  const monthNames = inMonths.length > 2 && inOneRow(inMonths) ? `${months[inMonths[0]! - 1]} to ${months[inMonths.at(-1)! - 1]}` : listed(inMonths.map((month) => months[month - 1]!));
  const dates = `on the ${days.length > 2 && inOneRow(days) ? `${ordinal(days[0]!)} to ${ordinal(days.at(-1)!)}` : listed(days.map(ordinal))}`;
  // As in crontab(5): where neither begins with a star, either will do.
  const both = fields[2]!.startsWith("*") || fields[4]!.startsWith("*") ? "if that is" : "and";
  const day =
    anyDay && anyWeekday ? (time.startsWith("at ") && anyMonth ? "every day" : "")
    : anyDay ? (both === "and" ? "every day" : weekdayWords(onWeekdays))
    : anyWeekday ? (both === "and" ? "every day" : dates)
    : both === "and" ? `${dates} and also ${weekdayWords(onWeekdays)}` : `${dates} if that is ${weekdayWords(onWeekdays).replace(/^on /, "a ").replace(/ and /, " or a ")}`;
  const month = anyMonth ? (!anyDay && anyWeekday ? "of every month" : "") : `${!anyDay && anyWeekday ? "of" : "in"} ${monthNames}`;
  return [time, day, month].filter(Boolean).join(" ");
}
