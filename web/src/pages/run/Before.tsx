// SPDX-License-Identifier: Apache-2.0
import type { Gpu, Node, SubmitJobs, Template } from "../../api/client";
import { useLive } from "../../api/live";
import { partOf } from "../../drawing/Footprint";
import { GpuPicture, type Mine } from "../../drawing/GpuPicture";
import { slicesOf } from "../../drawing/marks";
import { useHolders, useOwners, usePool } from "../../api/queries";
import { count } from "../../parts/time";
import type { Draft } from "./draft";
import { nameOfRung } from "./rung";
import { answerOf, costOf, placeOf, whenWords, type Trial } from "./trial";

const mostDrawn = 3;

/** The very slices one gets, among those who are beside them: of a gang on the first few of its GPUs. */
function Places({ trial, templates }: { trial: Trial; templates: Template[] }) {
  const pool = usePool();
  const jobs = useHolders();
  const owners = useOwners();
  const { start } = trial;
  const template = templates.find((one) => one.name === nameOfRung(start.on ?? ""));
  const part = template && partOf(template, pool.data?.boards ?? []);
  const drawn = new Map<string, { node: Node; gpu: Gpu; mine: Mine[] }>();
  for (const [rank, where] of (start.members ?? [start]).entries()) {
    const place = placeOf(where.place);
    const node = pool.data?.nodes.find((one) => one.name === where.node);
    const gpu = place && node?.gpus.find((one) => one.index === place.gpu);
    if (!place || !node || !gpu) continue;
    const all = slicesOf(gpu);
    const at = place.start === undefined || !part ? { start: 0, span: all, word: "whole GPU" } : { start: place.start, span: part.slices, word: part.slices * 8 <= all ? template!.profile!.split(".")[0]! : template!.profile! };
    const key = `${node.id}/${gpu.index}`;
    if (!drawn.has(key)) drawn.set(key, { node, gpu, mine: [] });
    drawn.get(key)!.mine.push(start.members ? { ...at, whose: at.span * 8 <= all ? `r${rank}` : `rank ${rank}` } : at);
  }
  const gpus = [...drawn.values()];
  if (gpus.length === 0) return null;
  const more = gpus.length > mostDrawn ? `; and ${count(gpus.length - mostDrawn)} GPUs more` : "";
  return (
    <div className="col" style={{ gap: 6 }}>
      {gpus.slice(0, mostDrawn).map(({ node, gpu, mine }) => (
        <div key={`${node.id}/${gpu.index}`}><GpuPicture node={node} gpu={gpu} jobs={jobs} owners={owners} height={gpus.length > 1 ? 40 : 52} mine={mine} /></div>
      ))}
      <p className="hint" style={{ margin: 0 }}>
        {gpus.slice(0, mostDrawn).map(({ node, gpu }) => `GPU ${gpu.index} of ${node.name}`).join(", ")}{more}, as {gpus.length > 1 ? "they are" : "it is"} this moment. Somebody may be quicker.
      </p>
    </div>
  );
}

/** Choice by choice, each by itself: from when it could be had, drawn over the same time. */
function Choices({ trial }: { trial: Trial }) {
  const now = Date.now() * 1000;
  const moments = trial.rungs.flatMap(({ start }) => (start.at === undefined ? [] : [start.at]));
  const end = Math.max(now + 600e6, ...moments.map((at) => now + (at - now) * 1.35));
  const part = (at: number) => `${(100 * Math.max(0, at - now)) / (end - now)}%`;
  return (
    <div className="tries" role="table" aria-label="Each choice by itself">
      {trial.rungs.map((rung, at) => {
        const words = whenWords(rung.can, rung.start);
        const from = rung.can === "never" || rung.start.at === undefined || words === "not known" ? undefined : rung.start.at;
        return (
          <div key={at} role="row" title={rung.sentence}>
            <span role="cell" className="m cut-off">{nameOfRung(rung.on)}</span>
            <span role="cell" className={`span ${from === undefined ? (rung.can === "never" ? "never" : "open") : ""}`} aria-hidden="true">
              {from !== undefined && <i className="wait" style={{ width: part(from) }} />}
              {from !== undefined && <i className={`runs ${rung.start.confidence}`} />}
            </span>
            <span role="cell" className={`nw t12 ${rung.can === "now" ? "ok2 b" : rung.can === "never" ? "er2" : "i2"}`}>{words}</span>
          </div>
        );
      })}
    </div>
  );
}

/** Without an answer of `try`: what stands in the form, and that it is being asked. */
function Nothing({ draft }: { draft: Draft }) {
  const chosen = draft.on.length > 0;
  return (
    <div>
      <h1 style={{ marginTop: 6 }} data-testid="before">{chosen ? "When it starts is not said yet" : "Pick what it runs on"}</h1>
      <p className="i2">{chosen ? "It is asked once its list can be sent." : "The menu says what is free this moment. Nothing is sent before you press."}</p>
    </div>
  );
}

/** What will happen, before one presses: the answer, where, what for, and what if not. */
export function Before({ draft, request, templates, trial, fresh, busy, onRun }: {
  draft: Draft;
  request: SubmitJobs;
  templates: Template[];
  trial: Trial | undefined;
  fresh: boolean;
  busy: boolean;
  onRun: () => void;
}) {
  const live = useLive();
  const wanted = Math.max(1, Number(draft.count) || 1);
  const members = request.members ?? 0;
  const what = members === 0 ? (wanted > 1 ? `Run ${count(wanted)}` : "Run") : wanted > 1 ? `Run ${count(wanted)} gangs` : "Run the gang";
  const lost = live.state === "lost";
  const answer = trial && answerOf(trial, Date.now() * 1000);
  const cost = trial && costOf(trial.start, request.time_limit);
  const template = trial && templates.find((one) => one.name === nameOfRung(trial.start.on ?? trial.rungs[0]?.on ?? ""));
  const why = trial?.rungs.filter((rung) => rung.can !== "now") ?? [];
  return (
    <section className="card answer" aria-label="Before you press Run" data-fresh={fresh} aria-busy={!fresh}>
      <div><span className={`pill ${answer?.look ?? ""}`}>before you press Run</span></div>
      {!trial || !answer ? <Nothing draft={draft} /> : (
        <div className={fresh ? "" : "stale"} style={{ display: "contents" }}>
          <div aria-live="polite">
            <h1 data-testid="before">{answer.title}</h1>
            <p className="i2">{answer.text}</p>
          </div>
          <Places trial={trial} templates={templates} />
          <div className="triple">
            <div><div className="mut t12">Cost</div><div className="b">{cost ? `${cost.hour.toFixed(2)} an hour` : <span className="mut">not priced</span>}</div></div>
            <div><div className="mut t12">{cost?.most ? "At most" : "Stops"}</div><div className="b">{cost?.most ? cost.most.toFixed(2) : draft.timeLimit ? `after ${draft.timeLimit}` : "when done"}</div></div>
            <div>
              <div className="mut t12">{members ? "Beside each" : "Beside it"}</div>
              <div className="b nw">{template ? `${(request.cpu_milli ?? template.cpu_milli) / 1000} cores, ${Math.round((request.memory_mib ?? template.memory_mib) / 1024)} GiB` : ""}</div>
            </div>
          </div>
          <div className="col" style={{ gap: 6 }}>
            <h3>{trial.rungs.length > 1 ? "Each choice by itself" : "From when"}</h3>
            <Choices trial={trial} />
            {why.slice(0, 3).map((rung, at) => (
              <p key={at} className="hint" style={{ margin: 0 }}><span className="m">{nameOfRung(rung.on)}</span>: {rung.sentence}.</p>
            ))}
          </div>
        </div>
      )}
      <div className="row" style={{ marginTop: "auto" }}>
        <button type="button" className="btn pri f1" style={{ height: 36 }} disabled={busy || lost} title={lost ? "Not connected: it comes back by itself" : undefined} onClick={onRun}>
          {what} <kbd>Ctrl ↵</kbd>
        </button>
      </div>
    </section>
  );
}
