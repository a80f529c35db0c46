// SPDX-License-Identifier: Apache-2.0
import { duration, parseDuration } from "../../parts/time";

/** One choice of a compute list, with its terms as they are typed; empty ones do not bind. */
export interface Rung {
  name: string;
  wait: string;
  price: string;
}

/** "mig-1g.5gb:wait=120s:price=3" as it stands in requests and addresses. */
export function parseRung(text: string): Rung {
  const [name, ...terms] = text.split(":");
  const term = (key: string) => terms.find((one) => one.startsWith(`${key}=`))?.slice(key.length + 1) ?? "";
  return { name: name ?? "", wait: term("wait"), price: term("price") };
}

/** What is wrong with a choice's terms, in words; undefined when they can be sent. */
export function wrongOf(rung: Rung): string | undefined {
  if (rung.wait && parseDuration(rung.wait) === undefined) return `${rung.name}: wait a time such as 2 min or 1 h.`;
  if (rung.price && !(Number(rung.price) >= 0)) return `${rung.name}: a price is a number such as 3.00.`;
  return undefined;
}

export function textOf(rung: Rung): string {
  const wait = parseDuration(rung.wait);
  return [rung.name, ...(rung.wait && wait !== undefined ? [`wait=${wait / 1e6}s`] : []), ...(rung.price && !wrongOf(rung) ? [`price=${rung.price}`] : [])].join(":");
}

/** The template's name in an entry of a compute list. */
export const nameOfRung = (text: string): string => text.split(":")[0] ?? text;

/** What an entry says beside its template: "wait at most 2 min, price at most 3.00". */
export function termsOf(text: string): string {
  const { wait, price } = parseRung(text);
  const us = parseDuration(wait);
  return [wait && `wait at most ${us === undefined ? wait : duration(us)}`, price && `price at most ${price}`].filter(Boolean).join(", ");
}
