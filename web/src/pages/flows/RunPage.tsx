// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { get, post } from "../../api/client";
import { useOwners, usePool } from "../../api/queries";
import { Action } from "../../parts/action";
import { Failed } from "../../parts/states";
import { clockTime, duration } from "../../parts/time";
import { say } from "../../parts/toast";
import { answerWords, Approval } from "./Approval";
import { Graph } from "./Graph";
import { isOverRun, StatePill, type RunDetails } from "./state";
import { StepCard } from "./StepCard";
import { TrialTable } from "./TrialTable";
import { useFlow } from "./useFlow";

/** A run of a flow as it goes: each step with what it chose and got, its trials, and from where to run it again. */
export function FlowRunPage() {
  const { run: id } = useParams({ from: "/shell/flows/run/$run" });
  const search = useSearch({ from: "/shell/flows/run/$run" });
  const navigate = useNavigate({ from: "/flows/run/$run" });
  const details = useQuery({
    queryKey: ["flow-run", id],
    queryFn: ({ signal }) => get<RunDetails>(`/v1/flow-runs/${id}`, signal),
    refetchInterval: (query) => (query.state.data && isOverRun(query.state.data.run.state) ? false : 3000),
  });
  const run = details.data?.run;
  const flow = useFlow(run?.flow, run?.project, run?.version);
  const pool = usePool();
  const owners = useOwners();
  const [trial, setTrial] = useState<{ step: string; number: number }>();
  const [, tick] = useState(0);
  const over = run ? isOverRun(run.state) : true;
  useEffect(() => {
    if (over) return;
    const ticking = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(ticking);
  }, [over]);
  if (!details.data || !run) return details.error ? <Failed error={details.error} again={() => void details.refetch()} /> : <div className="skeleton" style={{ height: 320 }} />;
  const { components, parameters } = details.data;
  const stateOf = new Map(components.map((one) => [one.name, one.state]));
  const chosen = components.find((one) => one.name === search.step) ?? components.find((one) => one.kind === "sweep" && one.trials.length > 0) ?? components[0];
  const select = (step: string) => void navigate({ search: { step }, replace: true });
  const choose = (step: string, number: number) => {
    select(step);
    setTrial({ step, number });
  };
  const again = (from: string[]) => async () => {
    const made = await post(`/v1/flow-runs/${id}/rerun`, { components: from });
    say(`${made.id} has begun.`);
    await navigate({ to: "/flows/run/$run", params: { run: made.id } });
  };
  const done = components.filter((one) => one.state === "succeeded" || one.state === "skipped").length;
  const teamClass = owners.classOf(owners.teamOf(run.project));
  const definition = flow.data?.definition.components ?? {};
  return (
    <>
      <div className="head">
        <h1><Link to="/flows/of/$flow" params={{ flow: run.flow }} search={{ project: run.project }}>{run.flow}</Link></h1>
        <span className="m mut">{run.id}</span>
        <span data-testid="run-state"><StatePill state={run.state} started={run.started} ended={run.ended} /></span>
        <span className="sub"><i className={`sq ${teamClass}`} /> {run.user}, {run.project}, {over ? "" : `${done} of ${components.length} steps done, `}started {clockTime(run.started)}{over ? "" : `, ${duration(Date.now() * 1000 - run.started)}`}</span>
        {run.rerun_of && <Link to="/flows/run/$run" params={{ run: run.rerun_of }} className="pill">repeats {run.rerun_of}</Link>}
        <span className="grow" />
        {over && chosen && <Action act={again([chosen.name])}>Rerun from {chosen.name}</Action>}
        {over && run.state !== "succeeded" && <Action className="pri" act={again([])}>Rerun what did not succeed</Action>}
        {!over && <Action className="danger" act={async () => { await post(`/v1/flow-runs/${id}/cancel`); say(`${id} is being cancelled.`); await details.refetch(); }}>Cancel</Action>}
      </div>
      {run.message && <div className={`notice ${run.state === "failed" ? "err" : ""}`}>{run.message}</div>}
      {components.filter((one) => run.awaiting_approval.includes(one.name)).map((one) => <Approval key={one.name} run={id} component={one} answered={() => details.refetch()} />)}
      <section className="card graph-card" aria-label="Steps">
        <Graph label={`Steps of ${run.flow}`} steps={components.map((one) => ({ name: one.name, needs: one.needs, reached: one.needs.every((need) => stateOf.get(need) === "succeeded") }))}>
          {(name) => {
            const component = components.find((one) => one.name === name)!;
            return <StepCard component={component} definition={definition[name]} pool={pool.data} teamClass={teamClass} selected={chosen?.name === name} chosen={trial?.step === name ? trial.number : undefined}
              onSelect={() => select(name)} onTrial={(number) => choose(name, number)} />;
          }}
        </Graph>
      </section>
      {chosen && (
        <section className="card scroll f1" style={{ minHeight: 160 }} aria-label={`Trials of ${chosen.name}`}>
          <div className="ch">
            <h2>{chosen.kind === "sweep" ? `Trials of ${chosen.name}` : chosen.name}</h2>
            <span className="sub t12">{chosen.kind === "sweep" && definition[chosen.name]?.metric ? `best first by ${definition[chosen.name]!.metric}` : ""}</span>
            {answerWords(chosen) && <span className="sub t12">{answerWords(chosen)}</span>}
            <span className="grow" />
            {Object.keys(parameters).length > 0 && <span className="sub t12 cut-off">run with {Object.entries(parameters).map(([name, value]) => `${name} = ${value}`).join(", ")}</span>}
          </div>
          {chosen.trials.length === 0 ? <p className="hint" style={{ padding: "0 14px 12px" }}>{chosen.message ?? "Nothing of it is queued yet."}</p>
            : <TrialTable component={chosen} definition={definition[chosen.name]} chosen={trial?.step === chosen.name ? trial.number : undefined} onTrial={(number) => setTrial({ step: chosen.name, number })} />}
        </section>
      )}
    </>
  );
}
