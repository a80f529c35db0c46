// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { codeOf, differences, draftOf, emptyDraft, requestOf, wrongsOf, type ReportSchedule } from "./report-schedule";

const teams = { ...emptyDraft("Europe/Berlin"), name: " teams ", by: ["team"], cron: "0 6 * * mon" };

test("what was left empty is what the server takes for it", () => {
  expect(requestOf(teams)).toEqual({ name: "teams", report: "usage", by: ["team"], span: 0, cron: "0 6 * * mon", time_zone: "Europe/Berlin", formats: ["csv", "html"], keep: 52 });
  expect(requestOf({ ...teams, span: "7d" }).span).toBe(604_800e6);
});

test("what is wrong is said at its field before anything is sent", () => {
  expect(wrongsOf(teams)).toEqual({});
  const wrongs = wrongsOf({ ...emptyDraft(""), span: "long", by: ["team", "user", "node"], formats: [], keep: "0" });
  expect(Object.keys(wrongs).sort()).toEqual(["by", "cron", "formats", "keep", "name", "span", "time_zone"]);
});

test("a schedule comes back into the form as it is", () => {
  const schedule: ReportSchedule = { name: "teams", report: "usage", by: ["team"], span: 604_800e6, cron: "@weekly", time_zone: "UTC", formats: ["csv"], keep: 7, made: 1, paused: false };
  const draft = draftOf(schedule);
  expect(draft.span).toBe("7d");
  expect(requestOf(draft)).toEqual({ name: "teams", report: "usage", by: ["team"], span: 604_800e6, cron: "@weekly", time_zone: "UTC", formats: ["csv"], keep: 7 });
  expect(differences({ ...draft, keep: "9" }, draft)).toEqual([{ field: "keep", mine: "9", theirs: "7" }]);
});

test("the same as a command, as Python and as HTTP", () => {
  const code = codeOf({ ...teams, span: "7d" }, "http://localhost:7000");
  expect(code.command).toBe("nav report schedule create teams usage \\\n  --by team --span 604800s --cron '0 6 * * mon' --time-zone Europe/Berlin --format csv,html --keep 52");
  expect(code.python).toContain('by=["team"],\n    span=datetime.timedelta(seconds=604800),');
  expect(code.http).toContain('"span":604800000000');
});
