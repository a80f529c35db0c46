// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { get, type Job } from "../../api/client";
import type { Gang } from "../../parts/Gang";
import { JobPill } from "../../parts/JobPill";
import { count } from "../../parts/time";

const mostListed = 32;

/** Whom it runs with: every member of its gang with how it stands and where it is, itself among them. */
export function Members({ job, gang }: { job: Job; gang: Gang }) {
  const members = useQuery({
    queryKey: ["jobs", "gang", gang.first],
    queryFn: async ({ signal }) => (await get<{ items: Job[] }>(`/v1/jobs?gang=${gang.first}&limit=1000`, signal)).items.sort((a, b) => a.id - b.id),
  });
  const all = members.data ?? [];
  // The part of a large gang that this one is in.
  const from = Math.max(0, Math.min(all.length - mostListed, gang.rank - mostListed / 2));
  return (
    <div data-testid="members">
      <div className="row center">
        <h3 className="grow">Its gang of {count(gang.members)}</h3>
        <Link to="/jobs" search={{ gang: gang.first }} className="link t12">all in the list</Link>
      </div>
      <div className="lines">
        {all.slice(from, from + mostListed).map((one) => (
          <div key={one.id} className="center" aria-current={one.id === job.id || undefined}>
            <span className="mut t12 nw" style={{ width: 46 }}>rank {one.gang?.rank}</span>
            {one.id === job.id ? <span className="b nw">this one</span> : <Link to="/jobs/$job" params={{ job: String(one.id) }} className="b link nw">job {one.id}</Link>}
            <span className="cut-off mut t12 f1" title={one.node && `${one.node}, ${one.place}`}>{one.node ? `${one.node}, ${one.place}` : ""}</span>
            <JobPill job={one} />
          </div>
        ))}
      </div>
      <p className="hint">They start together or not at all. What fails or cancels one stops all.</p>
    </div>
  );
}
