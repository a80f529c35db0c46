// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { all } from "../../api/client";
import { useOwners } from "../../api/queries";
import { CopyBox } from "../../parts/copy";
import { Empty, Failed } from "../../parts/states";
import { clockTime, count } from "../../parts/time";
import type { Experiment } from "./model";

/** All experiments one may see. */
export function ExperimentsPage() {
  const owners = useOwners();
  const query = useQuery({ queryKey: ["experiments"], queryFn: ({ signal }) => all<Experiment>("/v1/experiments", 5, signal), refetchInterval: 10_000 });
  if (!query.data) return query.error ? <Failed error={query.error} again={() => void query.refetch()} /> : <div className="skeleton" style={{ height: 320 }} />;
  if (query.data.length === 0)
    return (
      <Empty title="No experiment has been kept yet">
        <p className="i2">Jobs that log with MLflow are kept here by themselves. Elsewhere, point MLflow at this server.</p>
        <CopyBox text={`export MLFLOW_TRACKING_URI=${location.origin}`} />
      </Empty>
    );
  return (
    <>
      <div className="head"><h1>Experiments</h1><span className="sub">{count(query.data.length)}</span></div>
      <section className="card scroll" aria-label="Experiments">
        <table>
          <thead><tr><th>experiment</th><th>project</th><th className="r">runs</th><th>made</th><th>changed</th><th>note</th></tr></thead>
          <tbody>
            {query.data.map((one) => (
              <tr key={one.id}>
                <td className="b"><Link to="/trials/$experiment" params={{ experiment: String(one.id) }}>{one.name}</Link></td>
                <td className="nw"><i className={`sq ${owners.classOf(owners.teamOf(one.project))}`} /> {one.project}</td>
                <td className="r">{count(one.runs)}</td>
                <td className="nw">{clockTime(one.made)} <span className="mut">by {one.user}</span></td>
                <td className="nw">{clockTime(one.changed)}</td>
                <td className="i2">{one.tags["mlflow.note.content"] ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}
