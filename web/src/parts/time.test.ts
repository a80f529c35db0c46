// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { count, duration, memory, parseDuration } from "./time";

test("lengths of time read as people say them", () => {
  expect([250_000, 1_100_000, 61e6, 17 * 60e6, 9840e6, 190_000e6].map(duration)).toEqual(["250 ms", "1.1 s", "61 s", "17 min", "2 h 44", "2 d 4 h"]);
});

test("what people type is a length of time or nothing", () => {
  expect(["6h", "90", "30 s", "1.5h", "2d"].map(parseDuration)).toEqual([21_600e6, 5400e6, 30e6, 5400e6, 172_800e6]);
  expect(["", "soon", "-1h", "6 weeks"].map(parseDuration)).toEqual([undefined, undefined, undefined, undefined]);
});

test("numbers and memory", () => {
  expect(count(1234567)).toBe("1\u2009234\u2009567");
  expect([512, 4864, 20096, 163840].map(memory)).toEqual(["512 MiB", "4.75 GiB", "19.6 GiB", "160 GiB"]);
});
