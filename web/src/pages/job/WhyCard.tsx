// SPDX-License-Identifier: Apache-2.0
import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { get, type JobDetails } from "../../api/client";
import { jobOf, useHolders, useOwners, usePool, useWhy } from "../../api/queries";
import { GpuPicture } from "../../drawing/GpuPicture";
import { isOver, stateWords } from "../../parts/JobPill";
import { clockTime, count, duration, memory, readable } from "../../parts/time";
import { startWords } from "../run/trial";
import { lineOf } from "../run/words";
import { Members } from "./Members";

/** Never is not the same as not now. */
const lackWords: Record<string, string> = {
  no_node: "no node", never: "never", busy: "all held", fragments: "in pieces", processors: "no processors", set_aside: "set aside", booting: "booting", terms: "its terms", turn: "not its turn",
};

/** The very GPU it is on, with its neighbours. */
function Place({ details }: { details: JobDetails }) {
  const pool = usePool();
  const jobs = useHolders();
  const owners = useOwners();
  const { job } = details;
  const node = pool.data?.nodes.find((one) => one.name === job.node);
  const index = Number(/gpu(\d+)/.exec(job.place ?? "")?.[1] ?? -1);
  const gpu = node?.gpus[index];
  if (!node || !gpu) return null;
  const key = `${node.name}/${gpu.index}/${/\S+@\d+/.exec(job.place ?? "")?.[0] ?? "whole"}`;
  return (
    <div>
      <div className="mut t12" style={{ marginBottom: 4 }}>
        <Link to="/pool" search={{ sel: key }}>{node.name}, GPU {gpu.index}</Link>, with its neighbours
      </div>
      <GpuPicture node={node} gpu={gpu} jobs={jobs} owners={owners} height={58} selected={key} />
    </div>
  );
}

/** Who holds what it waits for. */
function Holders({ ids }: { ids: number[] }) {
  const jobs = useQueries({ queries: ids.map((id) => ({ queryKey: ["job", id], queryFn: () => get<JobDetails>(`/v1/jobs/${id}`) })) });
  const owners = useOwners();
  return (
    <div className="lines">
      {jobs.map(({ data }, at) =>
        data ? (
          <div key={ids[at]}>
            <i className={`sq ${owners.classOf(owners.teamOf(data.job.project))}`} style={{ alignSelf: "center" }} />
            <Link to="/jobs/$job" params={{ job: String(data.job.id) }} className="b cut-off">{data.job.name}</Link>
            <span className="mut">{data.job.user}</span>
            <span className="grow" />
            <span className="mut t12 nw">{data.job.started ? `for ${duration(Date.now() * 1000 - data.job.started)}` : data.job.state}</span>
          </div>
        ) : null,
      )}
    </div>
  );
}

function Request({ details }: { details: JobDetails }) {
  const { request, attempts } = details;
  const last = attempts.at(-1);
  return (
    <>
      <div>
        <h3>What runs</h3>
        <pre className="i2" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>{lineOf(request.command)}</pre>
      </div>
      <dl className="facts">
        <dt>Submitted</dt>
        <dd>{clockTime(details.job.submitted, true)}</dd>
        {details.job.started !== undefined && (
          <>
            <dt>Began</dt>
            <dd>{clockTime(details.job.started, true)}</dd>
          </>
        )}
        {details.job.ended !== undefined && (
          <>
            <dt>Over</dt>
            <dd>{clockTime(details.job.ended, true)}</dd>
          </>
        )}
        {last?.peak_memory_mib !== undefined && (
          <>
            <dt>Peak memory of the machine</dt>
            <dd>{memory(last.peak_memory_mib)}</dd>
          </>
        )}
        {last?.cpu_time !== undefined && (
          <>
            <dt>Processor time</dt>
            <dd>{duration(last.cpu_time)}</dd>
          </>
        )}
        {last?.instance_uuid && (
          <>
            <dt>Instance</dt>
            <dd className="m" style={{ fontSize: 11 }}>{last.instance_uuid}</dd>
          </>
        )}
        {Object.entries(request.env).map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt className="m">{name}</dt>
            <dd className="m">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** The answer first, then the evidence: the reason, what is missing choice by choice, who holds it. */
export function WhyCard({ details }: { details: JobDetails }) {
  const { job } = details;
  const over = isOver(job);
  const why = useWhy(job.id, !over);
  const gang = (job.gang?.members ?? 0) > 1;
  const title = job.state === "queued" ? gang ? "Why does the gang wait?" : "Why does it wait?" : over ? "How it ended" : "Why is it there?";
  const ending = job.message ?? (job.exit_code === undefined ? stateWords(job) : `exit code ${job.exit_code}`);
  const sentence = over ? ending : (why.data?.sentence ?? "");
  const said = readable(sentence);
  const holders = [...new Set((why.data?.rungs ?? []).flatMap((rung) => rung.holders).map(jobOf))].slice(0, 6);
  return (
    <section className="card why" tabIndex={-1} data-why aria-label={title}>
      <div className="row center">
        <h2 className="grow">{title}</h2>
        <span className="m mut" style={{ fontSize: 11 }}>nav why {job.id}</span>
      </div>
      <p className="reason" data-testid="reason">{said ? `${said[0]!.toUpperCase()}${said.slice(1)}.` : "…"}</p>
      {why.data?.ahead !== undefined && why.data.ahead > 0 && <p className="i2">{count(why.data.ahead)} waiting {why.data.ahead === 1 ? "job goes" : "jobs go"} before it.</p>}
      {why.data?.start && <p className="i2" data-testid="start">{startWords(why.data.start, Date.now() * 1000)}</p>}
      {!over && <Place details={details} />}
      {job.gang && <Members job={job} gang={job.gang} />}
      {why.data && why.data.rungs.length > 0 && (
        <div>
          <h3>Choice by choice</h3>
          <div className="lines">
            {why.data.rungs.map((rung) => (
              <div key={rung.on} style={{ flexDirection: "column", gap: 2 }}>
                <div className="row center">
                  <span className="m b f1 cut-off">{rung.on}</span>
                  <span className={`pill ${rung.lack === "never" || rung.lack === "no_node" ? "err" : ""}`}>{lackWords[rung.lack] ?? rung.lack}</span>
                </div>
                <span className="mut t12">{rung.sentence}</span>
              </div>
            ))}
          </div>
        </div>
      )}
      {holders.length > 0 && (
        <div>
          <h3>Who holds it</h3>
          <Holders ids={holders} />
        </div>
      )}
      <Request details={details} />
    </section>
  );
}
