// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { get, type Gpu, type Job, type Node } from "../../api/client";
import { useMe, useWhy } from "../../api/queries";
import { GpuPicture } from "../../drawing/GpuPicture";
import { stateWords, type Mark } from "../../drawing/marks";
import { CancelJob, GangChip } from "../../parts/Gang";
import { clockTime, duration, memory, readable } from "../../parts/time";
import { SetAside, TakeBack } from "./SetAside";
import { HistoryLine, type PanelProps } from "./SidePanel";

const pillOf: Record<Mark["state"], string> = { active: "ok", idle: "warn", unknown: "", cut: "", ready: "ok", free: "", stranded: "", aside: "err" };

/** How the API calls this place in a job's `place`. */
const placeOf = (gpu: Gpu, mark: Mark): string => (mark.whole ? `gpu${gpu.index}` : `gpu${gpu.index} ${mark.placement}`);

/** Whether a job's place takes this one in: "gpu0 gpu1" has GPU 1. */
const wasHere = (job: Job, gpu: Gpu, mark: Mark): boolean =>
  mark.whole ? (job.place ?? "").split(" ").includes(`gpu${gpu.index}`) && !(job.place ?? "").includes("@") : job.place === placeOf(gpu, mark);

function Meaning({ node, gpu, mark, may }: { node: Node; gpu: Gpu; mark: Mark; may: boolean }) {
  const isWhole = gpu.state === "set_aside";
  const what = isWhole || mark.whole ? `GPU ${gpu.index}` : mark.placement!;
  if (mark.state === "aside")
    return (
      <>
        <div className="notice err">
          <span className="b er2">{mark.reason ?? "Set aside"}.</span> Nothing is placed on {what} until somebody takes it back.
          {!isWhole && " The rest of this GPU works on."}
        </div>
        <div className="acts">
          {isWhole ? <TakeBack may={may} node={node} gpu={gpu} /> : <TakeBack may={may} node={node} gpu={gpu} placement={mark.placement} />}
        </div>
      </>
    );
  const words: Partial<Record<Mark["state"], string>> = {
    ready: "Cut and nobody's: whoever fits it starts at once. It gives way when its room is needed.",
    free: "Not cut. A slice is made here when a job needs it.",
    stranded: "No kind of slice can be placed here beside what is there. It comes back when a neighbour ends.",
  };
  return words[mark.state] ? <p className="i2">{words[mark.state]}</p> : null;
}

export function SlicePanel({ node, gpu, mark, jobs, owners, onSelect }: PanelProps & { node: Node; gpu: Gpu; mark: Mark }) {
  const me = useMe();
  const job = mark.job === undefined ? undefined : jobs.get(mark.job);
  const team = owners.teamOf(job?.project);
  const why = useWhy(mark.job ?? 0, job !== undefined);
  const before = useQuery({
    queryKey: ["jobs", "node", node.name],
    queryFn: ({ signal }) => get<{ items: Job[] }>(`/v1/jobs?limit=500&node=${encodeURIComponent(node.name)}`, signal),
  });
  const history = (before.data?.items ?? []).filter((one) => wasHere(one, gpu, mark) && one.id !== mark.job).slice(0, 8);
  const held = ["active", "idle", "unknown", "cut"].includes(mark.state);
  const may = me.data?.role === "admin" || me.data?.role === "operator";
  const share = mark.whole ? gpu.memory_mib : Math.round((gpu.memory_mib * mark.span) / Math.max(1, gpu.memory_slices));
  return (
    <>
      <div>
        <span className={`pill ${pillOf[mark.state]}`}>{held && mark.state !== "cut" ? "in use" : stateWords[mark.state]}</span>
        <div className="title">
          {mark.whole ? "Whole GPU" : mark.placement ?? `Memory slice ${mark.start}`}{" "}
          <span className="mut" style={{ fontWeight: 500 }}>on {node.name}, GPU {gpu.index}</span>
        </div>
        <div className="mut t12">
          {mark.span} of {Math.max(1, gpu.memory_slices)} memory slices, about {memory(share)}
        </div>
      </div>
      <GpuPicture node={node} gpu={gpu} jobs={jobs} owners={owners} height={44} selected={mark.key} onSelect={(other) => onSelect(other.key)} />
      {job && (
        <dl className="facts">
          <dt>Job</dt>
          <dd><Link to="/jobs/$job" params={{ job: String(job.id) }} className="b">{job.name}</Link> <span className="m mut">{job.id}</span></dd>
          <dt>Who</dt>
          <dd><i className={`sq ${owners.classOf(team)}`} /> {job.user}, {job.project}</dd>
          {job.gang && (
            <>
              <dt>Gang</dt>
              <dd><GangChip gang={job.gang} one /></dd>
            </>
          )}
          {job.started !== undefined && (
            <>
              <dt>Runs</dt>
              <dd>since {clockTime(job.started)}, {duration(Date.now() * 1000 - job.started)}</dd>
            </>
          )}
          <dt>Activity</dt>
          <dd>{mark.activity === undefined ? <span className="mut">? not measured</span> : `${Math.round(mark.activity)} %`}</dd>
        </dl>
      )}
      {held && !job && <p className="i2">Held by a job of a project you are not a member of.</p>}
      {why.data && (
        <div>
          <h3>Why here</h3>
          <p className="i2">{readable(why.data.sentence)}</p>
        </div>
      )}
      <Meaning node={node} gpu={gpu} mark={mark} may={may} />
      {history.length > 0 && (
        <div>
          <h3>Here before</h3>
          <div className="lines">
            {history.map((one) => (
              <HistoryLine key={one.id} when={clockTime(one.started ?? one.submitted)} right={one.started && one.ended ? duration(one.ended - one.started) : one.state}>
                <i className={`sq ${owners.classOf(owners.teamOf(one.project))}`} />{" "}
                <Link to="/jobs/$job" params={{ job: String(one.id) }}>{one.name}</Link> <span className="mut">{one.user}</span>
              </HistoryLine>
            ))}
          </div>
        </div>
      )}
      <div className="acts">
        {job && <Link className="btn" to="/jobs/$job" params={{ job: String(job.id) }}>Open the job</Link>}
        {job && <CancelJob job={job} word="Cancel it" />}
        {mark.state !== "aside" && (mark.whole || mark.placement) && <SetAside may={may} node={node} gpu={gpu} placement={mark.placement} />}
      </div>
    </>
  );
}
