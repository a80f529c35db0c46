// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { parseEvents } from "./event-stream";

test("whole events are read and the beginning of the next is kept", () => {
  const text = 'retry: 2000\n\n:\n\nid: 7\nevent: JobPlaced\ndata: {"sequence":7,"kind":"JobPlaced"}\n\nid: 8\nevent: Job';
  const parsed = parseEvents(text);
  expect(parsed.events.map((event) => event.sequence)).toEqual([7]);
  expect(parsed.rest).toBe("id: 8\nevent: Job");
  expect(parsed.resync).toBe(false);
  const then = parseEvents(`${parsed.rest}Ended\ndata: {"sequence":8,"kind":"JobEnded"}\n\n`);
  expect(then.events.map((event) => event.kind)).toEqual(["JobEnded"]);
});

test("resync is no event", () => {
  const parsed = parseEvents("event: resync\ndata: {}\n\n");
  expect(parsed).toEqual({ events: [], resync: true, rest: "" });
});
