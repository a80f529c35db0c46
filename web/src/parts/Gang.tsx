// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { post, type Job, type Schemas } from "../api/client";
import { Action } from "./action";
import { Dialog } from "./dialog";
import { Field } from "./form";
import { jobsWords } from "./JobPill";
import { count } from "./time";
import { say } from "./toast";

export type Gang = Schemas["GangMember"];

const gangWords = (gang: Gang): string => jobsWords(gang.first, gang.members);

/** "4 members", or which of them this one is; the way to all of them. */
export function GangChip({ gang, one }: { gang: Gang; one: boolean }) {
  return (
    <Link to="/jobs" search={{ gang: gang.first }} className="pill" title={`All members: ${gangWords(gang)}`}>
      {one ? `gang ${gang.first}, rank ${gang.rank} of ${count(gang.members)}` : `${count(gang.members)} ${gang.members === 1 ? "member" : "members"}`}
    </Link>
  );
}

/** From so many on, how many end is typed. */
const typedFrom = 10;

/** All of a gang ends, whichever member is cancelled: that is said before it is done. */
function CancelGang({ name, gang, onClose, cancel }: { name: string; gang: Gang; onClose: () => void; cancel: () => Promise<unknown> }) {
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState("");
  const all = String(gang.members);
  return (
    <Dialog title={`Cancel all ${count(gang.members)} members?`} onClose={onClose}
      foot={
        <>
          <button type="button" className="btn" onClick={onClose}>Keep them</button>
          <Action className="danger" act={() => {
            if (gang.members >= typedFrom && typed.trim() !== all) return setWrong(`How many end is ${all}.`);
            return cancel().then(onClose);
          }}>Cancel all {count(gang.members)}</Action>
        </>
      }>
      <p>{name} is a gang, {gangWords(gang)}: its members end together. What runs is stopped, what waits is not begun.</p>
      {gang.members >= typedFrom && (
        <Field label="Type how many end" error={wrong || undefined}>
          {(field) => <input {...field} className="in" inputMode="numeric" placeholder={all} value={typed} onChange={(event) => { setTyped(event.target.value); setWrong(""); }} />}
        </Field>
      )}
    </Dialog>
  );
}

/** Cancels a job; of a gang all members, once that has been seen. */
export function CancelJob({ job, stopping = false, word = "Cancel", done }: { job: Job; stopping?: boolean; word?: string; done?: () => Promise<unknown> }) {
  const [asking, setAsking] = useState(false);
  const many = job.gang && job.gang.members > 1 ? job.gang : undefined;
  const cancel = async () => {
    await post(`/v1/jobs/${job.id}/cancel`);
    say(many ? `${job.name} is being cancelled: ${gangWords(many)}.` : `${job.name} is being cancelled.`);
    await done?.();
  };
  return (
    <>
      <Action className="danger" disabled={stopping} why={stopping ? "It has been told to end" : many ? "All members end together" : undefined} act={many ? () => setAsking(true) : cancel}>
        {many ? "Cancel the gang…" : word}
      </Action>
      {asking && many && <CancelGang name={job.name} gang={many} onClose={() => setAsking(false)} cancel={cancel} />}
    </>
  );
}
