// SPDX-License-Identifier: Apache-2.0
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { has } from "../../api/paths";
import { useJob, useOwners } from "../../api/queries";
import { CancelJob, GangChip } from "../../parts/Gang";
import { isOver, JobPill } from "../../parts/JobPill";
import { idleWords, ServicePill } from "../../parts/ServicePill";
import { Failed } from "../../parts/states";
import { duration } from "../../parts/time";
import { isTyping } from "../../shell/keys";
import { JobLog } from "./JobLog";
import { OpenDoor } from "./OpenDoor";
import { Timeline } from "./Timeline";
import { WhyCard } from "./WhyCard";

const SliceCharts = lazy(() => import("./SliceCharts").then((module) => ({ default: module.SliceCharts })));

export function JobPage() {
  const { job: number } = useParams({ from: "/shell/jobs/$job" });
  const id = Number(number);
  const search = useSearch({ from: "/shell/jobs/$job" });
  const navigate = useNavigate({ from: "/jobs/$job" });
  const details = useJob(id);
  const owners = useOwners();
  const [, tick] = useState(0);
  const over = details.data ? isOver(details.data.job) : true;
  useEffect(() => {
    if (over) return;
    const ticking = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(ticking);
  }, [over]);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey) return;
      if (event.key === "l") document.querySelector<HTMLElement>("[data-log]")?.focus();
      else if (event.key === "w") document.querySelector<HTMLElement>("[data-why]")?.focus();
      else if (event.key === "[" || event.key === "]") void navigate({ to: "/jobs/$job", params: { job: String(id + (event.key === "[" ? -1 : 1)) } });
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [id, navigate]);

  if (!details.data) return details.error ? <Failed error={details.error} again={() => void details.refetch()} /> : <div className="skeleton" style={{ height: 320 }} />;
  const { job, attempts, stopping } = details.data;
  const team = owners.teamOf(job.project);
  const began = attempts[0]?.started;
  const lasted = duration((job.ended ?? Date.now() * 1000) - (began ?? job.submitted));
  const shown = search.attempt ?? job.attempt;
  return (
    <>
      <div className="head">
        <h1>{job.name}</h1>
        <span className="m mut">{job.id}</span>
        <span data-testid="state"><JobPill job={job} /></span>
        {job.gang && <GangChip gang={job.gang} one />}
        {details.data.service && job.state === "running" && (
          <>
            <ServicePill state={details.data.service} />
            <span className="sub">{idleWords(details.data.service, details.data.request.service?.idle_after ?? 0, Date.now() * 1000)}</span>
          </>
        )}
        {stopping && !over && <span className="pill warn">being stopped</span>}
        <span className="sub">
          <i className={`sq ${owners.classOf(team)}`} /> {job.user}, {job.project}, {began === undefined ? (over ? "never ran" : `waits for ${lasted}`) : lasted}
        </span>
        <span className="grow" />
        {job.state === "running" && has("/v1/jobs/{job}/door") && <OpenDoor job={job.id} />}
        <Link className="btn" to="/run" search={{ from: job.id }}>Rerun with changes</Link>
        {!over && <CancelJob job={job} stopping={stopping} done={() => details.refetch()} />}
      </div>
      <Timeline details={details.data} teamClass={owners.classOf(team)} />
      <div className="job">
        <WhyCard details={details.data} />
        <div className="col f1" style={{ gap: 12 }}>
          {has("/v1/metrics/query") && <Suspense><SliceCharts details={details.data} /></Suspense>}
          <JobLog key={shown} job={job} attempts={attempts} attempt={shown} onAttempt={(attempt) => void navigate({ search: { attempt }, replace: true })} />
        </div>
      </div>
    </>
  );
}
