// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { ask, get, post, type Job, type JobDetails, type Schemas } from "../../api/client";
import { useHolders, useMe, useOwners, usePool } from "../../api/queries";
import { GpuPicture } from "../../drawing/GpuPicture";
import { Action } from "../../parts/action";
import { AsCode } from "../../parts/AsCode";
import { Dialog } from "../../parts/dialog";
import { Segmented } from "../../parts/form";
import { Empty, Failed } from "../../parts/states";
import { clockTime, count } from "../../parts/time";
import { afterMoves, isEmpty, progressOf, touchedBy, type Move } from "./moved";

type Plan = Schemas["Defragmentation"];

/** The pool goes on meanwhile: a plan is made anew after this long. */
const again = 10_000;
/** From so many jobs on their number is typed before they stop. */
const many = 10;
const mosts = [["4", "4"], ["16", "16"], ["64", "64"]] as const;

const jobs = (n: number): string => `${count(n)} ${n === 1 ? "job" : "jobs"}`;
const gpus = (n: number): string => `${count(n)} ${n === 1 ? "GPU" : "GPUs"}`;

/** The GPUs that are touched, as they are and as they would be. */
function BeforeAfter({ moves, holders }: { moves: readonly Move[]; holders: ReadonlyMap<number, Job> }) {
  const pool = usePool();
  const owners = useOwners();
  if (!pool.data) return null;
  const boards = pool.data.boards;
  const lit = (mark: { job?: number }) => moves.some((move) => move.job === mark.job);
  return (
    <section className="card before-after" aria-label="Before and after">
      <span /><h2>Now</h2><h2>After</h2>
      {touchedBy(moves, pool.data.nodes).map(({ node, gpu }) => {
        const after = afterMoves(node, gpu, moves, boards);
        const drawn = { node, jobs: holders, owners, height: 46, lit };
        return (
          <div key={`${node.name}/${gpu.index}`} className="pair" role="group" aria-label={`GPU ${gpu.index} of ${node.name}`}>
            <span className="m t11 mut">{node.name}<br />GPU {gpu.index}</span>
            <GpuPicture {...drawn} gpu={gpu} />
            <div>
              <GpuPicture {...drawn} gpu={after} />
              {isEmpty(after) && !isEmpty(gpu) && <div className="ok2 t12 b">empty</div>}
            </div>
          </div>
        );
      })}
    </section>
  );
}

/** Where a job that has no place this moment stands is asked of itself. */
function Progress({ move, holder }: { move: Move; holder: Job | undefined }) {
  const own = useQuery({ queryKey: ["job", move.job], queryFn: ({ signal }) => get<JobDetails>(`/v1/jobs/${move.job}`, signal), enabled: !holder });
  const over = !holder && own.data && !["queued", "starting", "running"].includes(own.data.job.state) ? own.data.job : undefined;
  const { words, look } = over ? { words: over.message ?? over.state, look: "" } : progressOf(move, holder);
  return <span className={`pill ${look}`}>{words}</span>;
}

function Moves({ plan, holders }: { plan: Plan; holders: ReadonlyMap<number, Job> }) {
  return (
    <section className="card" aria-label="Moves">
      <table>
        <thead><tr><th>job</th><th>project</th><th>from</th><th>to</th>{plan.applied && <th>now</th>}</tr></thead>
        <tbody>
          {plan.moves.map((move) => {
            const job = holders.get(move.job);
            return (
              <tr key={move.job}>
                <td><Link to="/jobs/$job" params={{ job: String(move.job) }} className="link">{move.job}</Link> <span className="b">{job?.name}</span></td>
                <td>{job?.project}</td>
                <td className="m nw">{move.from_node} {move.from_place}</td>
                <td className="m nw">{move.node} {move.place}</td>
                {plan.applied && <td><Progress move={move} holder={job} /></td>}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** Of which templates there is room for more, or fewer, afterwards. */
function Room({ plan }: { plan: Plan }) {
  return (
    <section className="card" aria-label="Room for">
      <table>
        <thead><tr><th>room for</th><th className="r">{plan.applied ? "before" : "now"}</th><th className="r">after</th><th className="r">change</th></tr></thead>
        <tbody>
          {plan.places.map(({ on, before, after }) => (
            <tr key={on}>
              <td className="m">{on}</td>
              <td className="r">{count(before)}</td>
              <td className="r b">{count(after)}</td>
              <td className={`r ${after > before ? "ok2" : "wa2"}`}>{after > before ? "+" : "−"}{count(Math.abs(after - before))}</td>
            </tr>
          ))}
          {plan.places.length === 0 && <tr><td colSpan={4} className="mut">As much of each template as before.</td></tr>}
        </tbody>
      </table>
    </section>
  );
}

function ApplyDialog({ plan, onClose, onApply }: { plan: Plan; onClose: () => void; onApply: () => Promise<void> }) {
  const [typed, setTyped] = useState("");
  const asks = plan.moves.length >= many;
  const sure = !asks || typed === String(plan.moves.length);
  return (
    <Dialog title={`Move ${jobs(plan.moves.length)}`} onClose={onClose}
      foot={
        <>
          <button className="btn" onClick={onClose}>Leave them</button>
          <Action className="pri" disabled={!sure} why={sure ? undefined : "Type their number first"} act={onApply}>Move {plan.moves.length === 1 ? "it" : "them"}</Action>
        </>
      }>
      <p>{jobs(plan.moves.length)} {plan.moves.length === 1 ? "stops and begins" : "stop and begin"} anew in {plan.moves.length === 1 ? "a place that is" : "places that are"} kept for {plan.moves.length === 1 ? "it" : "them"}: {count(plan.lost_seconds)} slice-seconds of work are lost and done again. Nobody else is touched.</p>
      <p className="i2">It is planned once more at that moment: what the pool then allows is done, and shown. A move cannot be undone.</p>
      {asks && (
        <>
          <label className="lb" htmlFor="moves">How many jobs move, to be sure</label>
          <input id="moves" className="in" inputMode="numeric" value={typed} placeholder={String(plan.moves.length)} onChange={(event) => setTyped(event.target.value)} />
        </>
      )}
    </Dialog>
  );
}

const codeOf = (most: number, apply: boolean) => ({
  command: `nav pool defragment${most === 16 ? "" : ` --most ${most}`}${apply ? " --apply" : ""}`,
  python: `import opennav\n\nplan = opennav.Client().ask(opennav.api.defragment_pool(opennav.model.Defragment(apply=${apply ? "True" : "False"}, most=${most})))`,
  http: `curl -X POST ${location.origin}/v1/pool/defragment -H "Authorization: Bearer $NAV_TOKEN" \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify({ apply, most })}'`,
});

/** What is free, brought together: the plan, what it gives and costs, and once it was carried out what became of it. */
export function DefragmentPage() {
  const { most = 16 } = useSearch({ from: "/shell/pool/defragment" });
  const navigate = useNavigate({ from: "/pool/defragment" });
  const holders = useHolders();
  const me = useMe();
  const may = me.data?.role === "admin";
  const [asking, setAsking] = useState(false);
  const [done, setDone] = useState<Plan>();
  const query = useQuery({ queryKey: ["defragmentation", most], queryFn: ({ signal }) => ask("/v1/pool/defragment", { most }, signal), enabled: may && !done, refetchInterval: ({ state }) => (state.error ? false : again), retry: false });
  const plan = done ?? query.data;
  if (me.data && !may) return <Empty title="This is not open to you"><p className="i2">It stops jobs of others: an admin can do this.</p></Empty>;
  if (!plan) return query.error ? <Failed error={query.error} again={() => void query.refetch()} /> : <div className="skeleton" style={{ height: 320 }} />;
  const there = plan.moves.filter((move) => progressOf(move, holders.get(move.job)).look === "ok").length;
  return (
    <>
      <div className="head">
        <h1>Bring together what is free</h1>
        {!done && <span className="sub">as of {clockTime(query.dataUpdatedAt * 1000, true)}</span>}
        <span className="grow" />
        {!done && <span className="mut t12" id="most">moves at most</span>}
        {!done && <Segmented label="Moves at most" value={String(most)} options={mosts} onChange={(chosen) => void navigate({ search: { most: Number(chosen) }, replace: true })} />}
        <Link className="btn" to="/pool">To the pool</Link>
        {done ? <button className="btn" onClick={() => setDone(undefined)}>Plan anew</button>
          : <Action className="pri" disabled={plan.moves.length === 0} why={plan.moves.length === 0 ? "There is nothing to move" : undefined} act={() => { void query.refetch(); setAsking(true); }}>Move them…</Action>}
      </div>
      {plan.moves.length === 0 ? (
        <div className="notice" data-testid="plan">
          <p className="b">There is nothing to gain{most < 64 ? ` with ${most} moves` : ""}.</p>
          <p>No GPU could be emptied by moving jobs that may move. A job may if it is restartable and did not say that it must not be preempted; all others stay where they are.</p>
        </div>
      ) : (
        <>
          <div className={`notice ${done && there === plan.moves.length ? "ok" : ""}`} role="status" data-testid="plan">
            {done
              ? there === plan.moves.length ? `${there === 1 ? "The job runs" : `All ${count(there)} jobs run`} where ${there === 1 ? "it was" : "they were"} to go, and ${gpus(plan.emptied)} ${plan.emptied === 1 ? "is" : "are"} empty.` : `${count(there)} of ${jobs(plan.moves.length)} ${there === 1 ? "runs" : "run"} where they were to go.`
              : `${jobs(plan.moves.length)} would move and empty ${gpus(plan.emptied)}; ${count(plan.lost_seconds)} slice-seconds of work would be lost and done again.`}
          </div>
          {!done && <BeforeAfter moves={plan.moves} holders={holders} />}
          <div className="defragment"><Moves plan={plan} holders={holders} /><Room plan={plan} /></div>
        </>
      )}
      <AsCode label="The same as code" note={done ? "what was done" : "the plan; with apply it is carried out"} code={codeOf(most, done !== undefined)} />
      {asking && plan.moves.length > 0 && !done && (
        <ApplyDialog plan={plan} onClose={() => setAsking(false)} onApply={async () => {
          try {
            setDone(await post("/v1/pool/defragment", { apply: true, most }));
          } finally {
            setAsking(false);
            void query.refetch();
          }
        }} />
      )}
    </>
  );
}
