// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { Refusal } from "../../api/client";
import { changeOf, codeOf, draftOf, emptyDraft, fieldOf, requestOf, wrongsOf, type Draft, type Schedule } from "./schedule-draft";

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

test("a schedule that is opened and not touched is changed to what it is", () => {
  const schedule = { flow: "digits", project: "vision", version: undefined, parameters: { rows: "5000" }, cron: "@daily", time_zone: "UTC", overlap: "allow", may_be_late: 5_400_000_000 } as Partial<Schedule> as Schedule;
  expect(draftOf(schedule).late).toBe("90 min");
  expect(changeOf(draftOf(schedule))).toEqual({ version: 0, parameters: { rows: "5000" }, cron: "@daily", time_zone: "UTC", overlap: "allow", may_be_late: 5_400_000_000 });
  expect(draftOf({ ...schedule, may_be_late: 90_500_000 }).late).toBe("90.5s");
});

test("a refusal lands on its field, and one without stands under the form", () => {
  const refused = (field: string) => new Refusal(400, "invalid_argument", "no", "", field);
  expect(fieldOf(refused("cron"), [])).toBe("cron");
  expect(fieldOf(refused("run.parameters.rows"), ["rows"])).toBe("run.parameters.rows");
  expect(fieldOf(refused("run.parameters.rows"), [])).toBeUndefined();
  expect(fieldOf(refused("parameters.rows"), ["rows"])).toBe("run.parameters.rows");  // of a change
  expect(fieldOf(refused(""), [])).toBeUndefined();
});

test("the same as a command, as Python and as HTTP", () => {
  const code = codeOf({ ...nightly, overlap: "allow", late: "2 h" }, "http://localhost:7000");
  expect(code.command).toBe("nav flow schedule create --cron '30 2 * * mon-fri' --time-zone Europe/Berlin \\\n  --project vision --param rows=5000 --overlap allow --may-be-late 2h digits");
  expect(code.python).toContain('"digits",\n    "30 2 * * mon-fri",\n    time_zone="Europe/Berlin",\n    project="vision",\n    parameters={"rows":"5000"},\n    overlap="allow",\n    may_be_late=7200,');
  expect(code.http).toContain('"may_be_late":7200000000');
});
