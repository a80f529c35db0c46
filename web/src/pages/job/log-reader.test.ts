// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { appendText } from "./log-reader";

test("lines grow until they end", () => {
  let lines = appendText([], "step 1\nst");
  expect(lines).toEqual(["step 1", "st"]);
  lines = appendText(lines, "ep 2\n");
  expect(lines).toEqual(["step 1", "step 2", ""]);
});

test("a carriage return begins the line anew", () => {
  expect(appendText([], "10 %\r20 %\r30 %\nend\r\n")).toEqual(["30 %", "end", ""]);
});
