// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { Refusal } from "../../api/client";
import { codeOf, emptyDraft, fieldOf, requestOf, wrongsOf, type Draft } from "./schedule-draft";

const nightly: Draft = { ...emptyDraft("Europe/Berlin"), flow: "digits", project: "vision", parameters: { rows: "5000", seed: "" }, cron: " 30 2 * * mon-fri " };

test("what was left empty is not sent, and the newest version is no version", () => {
  expect(requestOf(nightly)).toEqual({
    run: { flow: "digits", project: "vision", parameters: { rows: "5000" } }, cron: "30 2 * * mon-fri", time_zone: "Europe/Berlin", overlap: "skip", may_be_late: 3_600_000_000,
  });
  expect(requestOf({ ...nightly, version: 3 }).run.version).toBe(3);
});

test("what is missing is said before anything is sent", () => {
  expect(Object.keys(wrongsOf({ ...emptyDraft(""), late: "soon" }))).toEqual(["run.flow", "cron", "time_zone", "may_be_late"]);
  expect(wrongsOf(nightly)).toEqual({});
});

test("a refusal lands on its field, and one without stands under the form", () => {
  const refused = (field: string) => new Refusal(400, "invalid_argument", "no", "", field);
  expect(fieldOf(refused("cron"), [])).toBe("cron");
  expect(fieldOf(refused("run.parameters.rows"), ["rows"])).toBe("run.parameters.rows");
  expect(fieldOf(refused("run.parameters.rows"), [])).toBeUndefined();
  expect(fieldOf(refused(""), [])).toBeUndefined();
});

test("the same as a command, as Python and as HTTP", () => {
  const code = codeOf({ ...nightly, overlap: "allow", late: "2 h" }, "http://localhost:7000");
  expect(code.command).toBe("nav flow schedule create --cron '30 2 * * mon-fri' --time-zone Europe/Berlin \\\n  --project vision --param rows=5000 --overlap allow --may-be-late 2h digits");
  expect(code.python).toContain('"digits",\n    "30 2 * * mon-fri",\n    time_zone="Europe/Berlin",\n    project="vision",\n    parameters={"rows":"5000"},\n    overlap="allow",\n    may_be_late=7200,');
  expect(code.http).toContain('"may_be_late":7200000000');
});
