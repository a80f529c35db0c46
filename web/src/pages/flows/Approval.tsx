// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { post } from "../../api/client";
import { Action } from "../../parts/action";
import { Field } from "../../parts/form";
import { clockTime } from "../../parts/time";
import { say } from "../../parts/toast";
import type { RunComponent } from "./state";

/** What somebody is asked before a step starts, with the buttons that answer it. */
export function Approval({ run, component, answered }: { run: string; component: RunComponent; answered: () => Promise<unknown> }) {
  const [note, setNote] = useState("");
  const answer = (verb: "approve" | "reject") => async () => {
    await post(`/v1/flow-runs/${run}/${verb}`, { component: component.name, note });
    say(verb === "approve" ? `${component.name} starts.` : `${component.name} is skipped.`);
    await answered();
  };
  const approval = component.approval!;
  const who = approval.approvers.length > 0 ? approval.approvers.join(" or ") : "anybody of the project";
  return (
    <section className="notice approval" aria-label={`Approval of ${component.name}`}>
      <div className="f1">
        <b>{approval.question}</b>
        <div className="i2 t12">{component.name} has waited {approval.asked ? `since ${clockTime(approval.asked)} ` : ""}for {who} to answer.</div>
      </div>
      <Field label="Note" optional>{(field) => <input {...field} className="in" maxLength={1000} value={note} onChange={(event) => setNote(event.target.value)} />}</Field>
      <Action className="danger" act={answer("reject")}>Reject</Action>
      <Action className="pri" act={answer("approve")}>Approve</Action>
    </section>
  );
}

/** "ada approved it at 10:14: better than the last on every class" */
export function answerWords({ approval }: RunComponent): string | undefined {
  if (approval?.approved === undefined) return undefined;
  return `${approval.by} ${approval.approved ? "approved" : "rejected"} it at ${clockTime(approval.at!)}${approval.note ? `: ${approval.note}` : ""}`;
}
