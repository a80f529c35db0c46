// SPDX-License-Identifier: Apache-2.0
// What must not compile: each line marked so fails the type check once it does. Nothing of it runs.
import { expect, test } from "vitest";
import { ask, patch, post, put, remove, type Schemas } from "./client";

const job = { on: ["cpu"], command: ["true"] };
const old = { on: ["cpu"], command: ["true"], timelimit: 5 };

export const compiled = async (id: number, signal: AbortSignal) => {
  const made: Schemas["SubmittedJobs"] = await post("/v1/jobs", job);
  const token: Schemas["MadeToken"] = await post("/v1/tokens", { name: "laptop" });
  await post(`/v1/jobs/${id}/cancel`);
  await post(`/v1/nodes/${token.secret}/drain`);
  await post(`/v1/nodes/${token.secret}/drain`, { message: "new memory" });
  await ask("/v1/try", { on: ["cpu"] }, signal);
  await put(`/v1/nodes/a/gpus/${id}/policy`, { policy: "fixed" });
  await patch("/v1/users/ada", { disabled: true });
  await remove("/v1/templates/old");

  // @ts-expect-error a field that is not there, though what is sent was not written out here
  await post("/v1/jobs", old);
  // @ts-expect-error a field that is missing
  await post("/v1/jobs", { command: ["true"] });
  // @ts-expect-error a body that is missing
  await post("/v1/jobs");
  // @ts-expect-error a body where none is read
  await post(`/v1/jobs/${id}/cancel`, { why: "late" });
  // @ts-expect-error a path that is not there
  await post(`/v1/jobs/${id}/stop`);
  // @ts-expect-error a role that is not there
  await patch("/v1/users/ada", { role: "boss" });
  // @ts-expect-error a method that this path does not have
  await put("/v1/users/ada", { disabled: true });
  return made;
};

test("what is sent is held against the API's document when this is compiled", () => {
  expect(compiled).toBeTypeOf("function");
});
