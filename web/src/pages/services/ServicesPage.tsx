// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { all, type Schemas } from "../../api/client";
import { useMe, useOwners } from "../../api/queries";
import { CancelJob } from "../../parts/Gang";
import { JobPill } from "../../parts/JobPill";
import { idleWords, ServicePill } from "../../parts/ServicePill";
import { Empty, Failed } from "../../parts/states";
import { OpenDoor } from "../job/OpenDoor";

type ListedService = Schemas["ListedService"];

function Row({ one, mine, done }: { one: ListedService; mine: boolean; done: () => Promise<unknown> }) {
  const owners = useOwners();
  const { job, kind, state } = one;
  return (
    <tr>
      <td className="m mut">{job.id}</td>
      <td><Link to="/jobs/$job" params={{ job: String(job.id) }} className="b">{job.name}</Link><div className="mut t12">{kind === "workspace" ? "notebook or other workspace" : "endpoint"}</div></td>
      <td>{job.state === "running" ? <ServicePill state={state} /> : <JobPill job={job} />}{state.reason && <div className="mut t12">{state.reason}</div>}</td>
      <td><i className={`sq ${owners.classOf(owners.teamOf(job.project))}`} /> {job.user}</td>
      <td><span className="m">{job.on ?? job.wanted.join(", ")}</span><div className="mut t12">{job.node && `${job.node}, ${job.place}`}</div></td>
      <td className="nw">{idleWords(state, one.idle_after, Date.now() * 1000) || <span className="mut">{job.state === "running" && "in use"}</span>}</td>
      <td>
        <span className="row center" style={{ gap: 6, justifyContent: "flex-end" }}>
          {job.state === "running" && (kind === "endpoint" || mine) && <OpenDoor job={job.id} />}
          <CancelJob job={job} word="End" done={done} />
        </span>
      </td>
    </tr>
  );
}

/** Workspaces and endpoints that are not over. */
export function ServicesPage() {
  const me = useMe();
  const services = useQuery({
    // With the lists that a job's event reads anew; whether somebody uses one is no event.
    queryKey: ["jobs-list", "services"],
    queryFn: ({ signal }) => all<ListedService>("/v1/services", 3, signal),
    refetchInterval: ({ state }) => (state.error ? false : 5000),
  });
  if (!services.data) return services.error ? <Failed error={services.error} again={() => void services.refetch()} /> : <div className="skeleton" style={{ height: 320 }} />;
  return (
    <>
      <div className="head">
        <h1>Workspaces and endpoints</h1>
        <span className="sub">what is there to be used</span>
        <span className="grow" />
        <Link className="btn" to="/jobs">All jobs</Link>
        <Link className="btn pri" to="/run" search={{ kind: "workspace" }}>Start a notebook</Link>
      </div>
      <div className="card scroll f1">
        {services.data.length === 0 ? (
          <Empty title="None is there now">
            <p className="i2">A notebook, or a model that answers requests, is a job that stays: on a slice like any other, reached from here, and ended when nobody has used it for as long as you say.</p>
          </Empty>
        ) : (
          <table data-testid="services">
            <thead><tr><th>number</th><th>name</th><th>state</th><th>who</th><th>compute</th><th>used</th><th><span className="sr">what can be done</span></th></tr></thead>
            <tbody>{services.data.map((one) => <Row key={one.job.id} one={one} mine={one.job.user === me.data?.user || me.data?.role === "admin"} done={() => services.refetch()} />)}</tbody>
          </table>
        )}
      </div>
    </>
  );
}
