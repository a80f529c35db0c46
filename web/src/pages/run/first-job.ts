// SPDX-License-Identifier: Apache-2.0
import type { Template } from "../../api/client";
import type { RunSearch } from "./search";

/** Says what it was given, and takes long enough to be watched. */
const command = `echo "job $NAV_JOB_ID has \${NAV_PLACEMENT:-the processor} \${CUDA_VISIBLE_DEVICES:-}"
for step in 1 2 3 4 5 6 7 8 9 10; do echo "step $step of 10"; sleep 1; done`;

/** The smallest slice that is offered, `templates` being in the order of the menu. */
export const smallestSlice = (templates: Pick<Template, "name" | "kind">[]): string | undefined => templates.find((one) => one.kind === "slice")?.name;

/** A job to begin with: a slice where there is one, else the processor. */
export function firstJob(templates: Pick<Template, "name" | "kind">[]): RunSearch {
  const slice = smallestSlice(templates);
  return { on: slice ? `${slice},cpu` : "cpu", name: "first-job", command };
}
