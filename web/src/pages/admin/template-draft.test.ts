// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { Template } from "../../api/client";
import { differences, draftOfTemplate, emptyTemplate, fieldOf, templateOf } from "./template-draft";

const small: Template = {
  name: "small", kind: "slice", profile: "1g.5gb", cpu_milli: 4000, memory_mib: 8192, nodes: [], sites: ["local"], labels: { rack: "7" }, teams: ["vision"], projects: [], users: [],
  price_micro: 250_000, longest: 43_200e6, seeded: false,
};

test("what a template says goes through the form unchanged, what the form does not show included", () => {
  const { wanted, wrongs } = templateOf(draftOfTemplate(small));
  expect(wrongs).toEqual({});
  expect(wanted).toEqual({
    name: "small", kind: "slice", profile: "1g.5gb", cpu_milli: 4000, memory_mib: 8192, nodes: [], sites: ["local"], labels: { rack: "7" }, teams: ["vision"], projects: [], users: [],
    price_micro: 250_000, longest: 43_200e6,
  });
});

test("what is wrong is said at its field", () => {
  expect(Object.keys(templateOf({ ...emptyTemplate, name: "No!", cpus: "x", memory: "big", price: "-1", longest: "soon" }).wrongs).sort()).toEqual(
    ["cpus", "longest", "memory", "name", "price", "profile"]);
  expect(Object.keys(templateOf({ ...emptyTemplate, name: "a", kind: "gpus", gpus: "0" }).wrongs).sort()).toEqual(["family", "gpus"]);
  expect(fieldOf("teams[2]")).toBe("teams");
});

test("two versions of one template are told apart", () => {
  const { wanted } = templateOf({ ...draftOfTemplate(small), price: "0.5" });
  expect(differences(wanted, small)).toEqual(["price_micro: 500000 here, 250000 there"]);
});
