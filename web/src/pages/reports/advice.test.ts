// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Template } from "../../api/client";
import { csvOfAdvice, heldProfile, lookedAt, savedAnHour, templateFor, type Advice, type AdviceItem } from "./advice";
import { isAge } from "./search";

const item = {
  kind: "smaller", job: 42, name: "train", project: "vision", user: "ada", on: "mig-3g.20gb", node: "dgx-0", place: "gpu0 3g.20gb@4", since: 0,
  memory_mib: 19968, most_memory_mib: 4011, most_activity: 0.21, fits: "1g.5gb", saves_slices: 3, saves: 0.75, text: "",
} satisfies AdviceItem;
const template = (name: string, profile: string, price_micro: number) => ({ name, kind: "slice", profile, price_micro }) as Template;
const templates = [template("mig-3g.20gb", "3g.20gb", 900_000), template("dear", "1g.5gb", 400_000), template("mig-1g.5gb", "1g.5gb", 200_000)];
const advice = (items: AdviceItem[], looked_at: number, unknown: number): Advice => ({ items, looked_at, unknown });

test("what a job holds is read from its place", () => {
  expect(heldProfile("gpu0 3g.20gb@4")).toBe("3g.20gb");
  expect(heldProfile("gpu3")).toBeUndefined();
});

test("the cheapest template of the profile is offered, and money is only spoken of where both have a price", () => {
  expect(templateFor("1g.5gb", templates)?.name).toBe("mig-1g.5gb");
  expect(templateFor("2g.10gb", templates)).toBeUndefined();
  expect(savedAnHour(item, templates)).toBeCloseTo(0.7);
  expect(savedAnHour({ ...item, kind: "unused", fits: "" }, templates)).toBeCloseTo(0.9);
  expect(savedAnHour(item, [templates[0]!, template("mig-1g.5gb", "1g.5gb", 0)])).toBeUndefined();
  expect(savedAnHour({ ...item, on: "gone" }, templates)).toBeUndefined();
});

test("an empty list says whom it is of, and of whom nothing is known", () => {
  expect(lookedAt(advice([], 0, 0), "10m")).toBe("No job on a GPU has run for 10 min yet.");
  expect(lookedAt(advice([], 1, 0), "1h")).toBe("1 job on GPUs that has run for 1 h or longer was looked at.");
  expect(lookedAt(advice([], 18, 2), "10m")).toContain("18 jobs on GPUs that have run for 10 min or longer were looked at; nothing was measured of 2,");
  expect(lookedAt(advice([], 3, 3), "30s")).toContain("for 30 s or longer were looked at; nothing was measured of them,");
});

test("what is not known is empty in a spreadsheet, and a name is no formula there", () => {
  expect(csvOfAdvice(advice([{ ...item, name: "=1+1" }], 1, 0)).split("\r\n")[1]).toBe("42,'=1+1,vision,ada,mig-3g.20gb,dgx-0,gpu0 3g.20gb@4,19968,4011,0.21,,1g.5gb,3");
});

test("an age is one the server takes", () => {
  expect(["10s", "10m", "24h", "2d"].every(isAge)).toBe(true);
  expect(["9s", "10", "soon", "", "1.5h"].some(isAge)).toBe(false);
});
