// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { get, type Job } from "../api/client";
import { has } from "../api/paths";
import { useMe, useTemplates } from "../api/queries";
import { firstJob, smallestSlice } from "../pages/run/first-job";
import { CopyBox } from "./copy";

/** Whether there is no job yet, of anybody whose jobs one sees. Not asked once that is known not to be so. */
export function useNothingYet(unknown: boolean): boolean {
  const jobs = useQuery({ queryKey: ["jobs", "any"], queryFn: ({ signal }) => get<{ items: Job[] }>("/v1/jobs?limit=1", signal), enabled: unknown });
  return unknown && jobs.data?.items.length === 0;
}

/** What somebody can do who has run nothing yet: a job, a flow, the same from a terminal; and for an admin, who else is to come. */
export function FirstSteps() {
  const me = useMe();
  const templates = useTemplates();
  const slice = smallestSlice(templates.data ?? []);
  const role = me.data?.role;
  if (!templates.data || !role) return null;
  return (
    <div className="choices" data-testid="first-steps">
      {role !== "viewer" && (
        <div className="card">
          <h2>Run a first job</h2>
          <p className="i2">{slice ? `On ${slice}, the smallest slice here, or on the processor where none is free.` : "On the processor."} It says what it was given and counts to ten; its log is live.</p>
          <Link to="/run" search={firstJob(templates.data)} className="btn pri">Open it in Run</Link>
        </div>
      )}
      {has("/v1/flow-runs") && (
        <div className="card">
          <h2>Open an example flow</h2>
          <p className="i2">Three steps that need nothing but a shell: prepare, six trainings side by side, use the best of them.</p>
          <Link to="/flows/edit" search={{ example: true }} className="btn">Open it in the editor</Link>
        </div>
      )}
      {role === "viewer" ? (
        <div className="card">
          <h2>You may look</h2>
          <p className="i2">Your role is viewer: you see the pool and what runs in your projects. An admin can make you a member, and then you run jobs too.</p>
        </div>
      ) : (
        <div className="card">
          <h2>From your own terminal</h2>
          <p className="i2">The same with a token of yours, made under <Link className="link" to="/admin/$part" params={{ part: "tokens" }}>Tokens</Link>.</p>
          <CopyBox text={`nav login ${location.origin}\nnav run --on ${slice ?? "cpu"} --wait -- nproc`} />
        </div>
      )}
      {role === "admin" && (
        <div className="card">
          <h2>Let others in</h2>
          <p className="i2">A team, a project in it, a person and their token. They see this too, with their own projects.</p>
          <Link to="/admin/$part" params={{ part: "people" }} className="btn">Make a person</Link>
        </div>
      )}
    </div>
  );
}
