// SPDX-License-Identifier: Apache-2.0
import type { Event } from "./client";

/** Server-sent events in what came so far; `rest` is the beginning of one that is not whole yet. */
export function parseEvents(text: string): { events: Event[]; resync: boolean; rest: string } {
  const blocks = text.split("\n\n");
  const rest = blocks.pop() ?? "";
  const events: Event[] = [];
  let resync = false;
  for (const block of blocks) {
    let kind = "";
    let data = "";
    for (const line of block.split("\n")) {
      if (line.startsWith("event: ")) kind = line.slice(7);
      else if (line.startsWith("data: ")) data += line.slice(6);
    }
    if (kind === "resync") resync = true;
    else if (data) events.push(JSON.parse(data) as Event);
  }
  return { events, resync, rest };
}
