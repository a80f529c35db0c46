// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { knownZones, timeHere, timeIn } from "./zoned";

const at = Date.UTC(2026, 10, 24, 4, 30) * 1000;

test("a moment by the clock of a zone, in winter and in summer", () => {
  expect(timeIn("Europe/Berlin", at)).toBe("Tue 24 Nov, 05:30");
  expect(timeIn("Europe/Berlin", Date.UTC(2026, 6, 1, 22, 30) * 1000)).toBe("Thu 2 Jul, 00:30");
  expect(timeIn("Mars/Olympus", at)).toBeUndefined();
});

test("the clock here is told only where it shows something else", () => {
  expect(timeHere("Europe/Berlin", at, "UTC")).toBe("Tue 24 Nov, 04:30");
  expect(timeHere("Europe/Berlin", at, "Europe/Madrid")).toBeUndefined();
  expect(timeHere("Mars/Olympus", at, "UTC")).toBe("Tue 24 Nov, 04:30");
});

test("UTC comes first, once", () => {
  expect(knownZones()[0]).toBe("UTC");
  expect(knownZones().filter((zone) => zone === "UTC")).toHaveLength(1);
});
