// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState, type ChangeEvent } from "react";
import { post, Refusal } from "../../api/client";
import { useJob, useMe, usePool, useTemplates } from "../../api/queries";
import { AsCode } from "../../parts/AsCode";
import { Field, Segmented } from "../../parts/form";
import { Failed } from "../../parts/states";
import { complain, say, warn } from "../../parts/toast";
import { Before } from "./Before";
import { ComputeList } from "./ComputeList";
import { jobsWords } from "../../parts/JobPill";
import { count } from "../../parts/time";
import { asCommand, asHttp, asPython, draftOf, emptyDraft, requestOf, wrongsOf, type Draft, type Wrongs } from "./draft";
import { parseRung, textOf, type Rung } from "./rung";
import { TemplateMenu } from "./TemplateMenu";
import { triedOf, useMenuStarts, useTrial } from "./useTrial";
import { wordsOf } from "./words";

export function RunPage() {
  const search = useSearch({ from: "/shell/run" });
  const before = useJob(search.from ?? 0);
  if (search.from && !before.data) return before.error ? <Failed error={before.error} /> : null;
  const first: Draft = search.from && before.data ? draftOf(before.data.request) : { ...emptyDraft, command: search.command ?? "", name: search.name ?? "", kind: search.kind ?? "job", idleAfter: search.kind === "workspace" ? usualIdle : "" };
  return <RunForm key={`${search.from ?? ""} ${search.command ?? ""} ${search.kind ?? ""}`} first={{ ...first, on: search.on ? search.on.split(",").filter(Boolean).map(parseRung) : first.on }} />;
}

const kindNotes = {
  workspace: "Jupyter as it is installed on the node, or a program of yours, reached from its job's page by you alone.",
  endpoint: "A program that answers requests at NAV_PORT: the project's people and programs reach it. When it answers no more it is begun anew, as often as you say.",
};
const usualIdle = "2 h";
const usualCommands = { job: "python train.py --epochs 20", workspace: "Jupyter", endpoint: "python serve.py" };

/** What members mean, and what slices cannot do for them. */
function GangNote({ members, onSlices }: { members: number; onSlices: string | undefined }) {
  return (
    <div className="notice" role="note" data-testid="gang-note">
      <div className="f1">
        A gang: {members === 1 ? "one member" : `${count(members)} members, each with compute of its own, that start together or not at all`}. When one fails, all are stopped and the whole is tried again. Each finds its{" "}
        <span className="m">RANK</span>, <span className="m">WORLD_SIZE</span>, and where rank 0 is met in <span className="m">MASTER_ADDR</span> and <span className="m">MASTER_PORT</span>.
        {onSlices && members > 1 && <div><span className="b wa2">NCCL does not support MIG</span>: members on {onSlices} reach each other with gloo or MPI, and not over NVLink.</div>}
      </div>
    </div>
  );
}

function RunForm({ first }: { first: Draft }) {
  const templates = useTemplates();
  const pool = usePool();
  const me = useMe();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/run" });
  const [draft, setDraft] = useState(first);
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<Wrongs>({});
  const [busy, setBusy] = useState(false);
  const { request, wrongs } = requestOf(draft);
  const { trial, fresh, error: untried } = useTrial(wrongs.on || wrongs.members ? undefined : triedOf(request, templates.data ?? []));
  const starts = useMenuStarts(templates.data ?? []);
  // What `try` was refused for is said on its field before one presses.
  const early = untried instanceof Refusal ? wrongsOf(untried) ?? {} : {};
  const shown: Wrongs = { ...early, ...refused, ...(tried ? wrongs : {}) };
  const set = (changed: Partial<Draft>) => {
    setDraft((now) => ({ ...now, ...changed }));
    setRefused((now) => Object.fromEntries(Object.entries(now).filter(([field]) => !(field in changed))));
  };
  const setOn = (on: Rung[]) => {
    set({ on });
    void navigate({ search: ({ on: _, ...rest }) => (on.length ? { ...rest, on: on.map(textOf).join(",") } : rest), replace: true });
  };
  const text = (field: keyof Draft) => ({ value: String(draft[field]), onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => set({ [field]: event.target.value }) });

  const submit = async () => {
    setTried(true);
    if (Object.keys(wrongs).length > 0 || busy) return;
    setBusy(true);
    try {
      const made = await post("/v1/jobs", request);
      void client.invalidateQueries({ queryKey: ["jobs-list"] });
      if (made.warning) warn(made.warning);
      const gang = request.members && made.count === request.members;
      if (gang) say(`The gang is queued: ${jobsWords(made.first, made.count)}.`);
      if (made.count > 1 && !gang) {
        say(`${count(made.count)} jobs are queued, from ${made.first} on.`);
        await navigate({ to: "/jobs" });
      } else await navigate({ to: "/jobs/$job", params: { job: String(made.first) } });
    } catch (error) {
      const where = error instanceof Refusal ? wrongsOf(error) : undefined;
      if (where) setRefused(where);
      else complain(error);
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        void submit();
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });

  if (!templates.data) return templates.error ? <Failed error={templates.error} again={() => void templates.refetch()} /> : <div className="skeleton" style={{ height: 320 }} />;
  const shell = wordsOf(draft.command)?.shell;
  return (
    <>
      <div className="head">
        <h1>Run a job</h1>
        <span className="sub">{templates.data.length} kinds of compute</span>
      </div>
      <div className="run">
        <TemplateMenu templates={templates.data} pool={pool.data} chosen={draft.on.map((one) => one.name)} starts={starts}
          onPick={(name) => setOn(draft.on.some((one) => one.name === name) ? draft.on.filter((one) => one.name !== name) : [...draft.on, parseRung(name)])} />
        <section className="card scroll col" style={{ padding: "13px 16px 16px", gap: 14 }} aria-label="The job">
          <ComputeList on={draft.on} templates={templates.data} tried={trial?.rungs ?? []} error={shown.on} onChange={setOn} />
          <Segmented label="What it is" value={draft.kind} options={[["job", "Job"], ["workspace", "Notebook"], ["endpoint", "Endpoint"]]}
            onChange={(kind) => set({ kind, idleAfter: kind === "workspace" ? draft.idleAfter || usualIdle : kind === draft.kind ? draft.idleAfter : "" })} />
          {draft.kind !== "job" && <p className="hint" data-testid="kind-note">{kindNotes[draft.kind]}</p>}
          <Field label="Command" optional={draft.kind === "workspace"} error={shown.command} hint={shell ? "Run by sh -c, for its pipes and variables." : "Words, as a terminal takes them; CUDA_VISIBLE_DEVICES names your slice."}>
            {(field) => <textarea {...field} {...text("command")} className="in mono" rows={4} spellCheck={false} placeholder={usualCommands[draft.kind]} />}
          </Field>
          <div className="fields">
            <Field label="Name" optional error={shown.name}>{(field) => <input {...field} {...text("name")} className="in" placeholder="the program's name" />}</Field>
            {(me.data?.projects.length ?? 0) > 1 && (
              <Field label="Project" error={shown.project}>
                {(field) => (
                  <select {...field} className="in" value={draft.project} onChange={(event) => set({ project: event.target.value })}>
                    <option value="">default</option>
                    {me.data?.projects.filter((one) => one !== "default").map((one) => <option key={one}>{one}</option>)}
                  </select>
                )}
              </Field>
            )}
            <Field label="Stop after" optional error={shown.timeLimit}>{(field) => <input {...field} {...text("timeLimit")} className="in" placeholder="no limit" />}</Field>
            <Field label="Try again" optional error={shown.retries}>{(field) => <input {...field} {...text("retries")} className="in" inputMode="numeric" placeholder="0 times" />}</Field>
            {draft.kind !== "job" && (
              <>
                <Field label="End when idle for" optional error={shown.idleAfter}>{(field) => <input {...field} {...text("idleAfter")} className="in" placeholder="never" />}</Field>
                <Field label="Health" optional error={shown.health} hint="A path that is asked every few seconds.">{(field) => <input {...field} {...text("health")} className="in mono" placeholder="it listens" />}</Field>
              </>
            )}
            {draft.kind === "job" && (
              <>
                <Field label="How many" optional error={shown.count}>{(field) => <input {...field} {...text("count")} className="in" inputMode="numeric" placeholder={request.members ? "1 gang" : "1, all alike"} />}</Field>
                <Field label="Members" optional error={shown.members}>{(field) => <input {...field} {...text("members")} className="in" inputMode="numeric" placeholder="1, by itself" />}</Field>
              </>
            )}
          </div>
          {request.members !== undefined && <GangNote members={request.members} onSlices={draft.on.find((one) => templates.data?.some((template) => template.name === one.name && template.kind === "slice"))?.name} />}
          {draft.code.length > 0 && (
            <p className="i2" data-testid="code">
              {count(draft.code.length)} {draft.code.length === 1 ? "file goes" : "files go"} along, as with the job before. <button type="button" className="btn" onClick={() => set({ code: [] })}>Leave them out</button>
            </p>
          )}
          {shown.code && <div className="wrong" role="alert">{shown.code}</div>}
          <details>
            <summary className="i2">More: variables, folder, processors, memory, priority, beginning anew</summary>
            <div className="col" style={{ gap: 12, paddingTop: 12 }}>
              <Field label="Variables" optional error={shown.env} hint="One NAME=value a line.">{(field) => <textarea {...field} {...text("env")} className="in mono" rows={2} spellCheck={false} />}</Field>
              <div className="fields">
                <Field label="Folder" optional error={shown.workdir}>{(field) => <input {...field} {...text("workdir")} className="in mono" placeholder="its own" />}</Field>
                <Field label="Processors" optional error={shown.cpus}>{(field) => <input {...field} {...text("cpus")} className="in" placeholder="a fair share" />}</Field>
                <Field label="Memory" optional error={shown.memory}>{(field) => <input {...field} {...text("memory")} className="in" placeholder="a fair share" />}</Field>
                <Field label="Priority" optional error={shown.priority} hint="Higher goes first.">{(field) => <input {...field} {...text("priority")} className="in" placeholder="0" />}</Field>
              </div>
              <label className="check">
                <input type="checkbox" checked={draft.restartable} onChange={(event) => set({ restartable: event.target.checked })} />
                It may be stopped and begun anew, so it moves on when its node is cut off
              </label>
              <label className="check">
                <input type="checkbox" checked={draft.upgrade} onChange={(event) => set({ upgrade: event.target.checked })} />
                Move back up when a better choice is free
              </label>
              {shown.upgrade && <div className="wrong" role="alert">{shown.upgrade}</div>}
              <label className="check">
                <input type="checkbox" checked={draft.climb} onChange={(event) => set({ climb: event.target.checked })} />
                When memory runs out begin anew where there is more: a choice above that has it, else the next larger slice
              </label>
              {shown.climb && <div className="wrong" role="alert">{shown.climb}</div>}
            </div>
          </details>
        </section>
        <Before draft={draft} request={request} templates={templates.data} trial={trial} fresh={fresh} busy={busy} onRun={() => void submit()} />
        <AsCode label="The same job as code" note="the same job, word for word" code={{ command: asCommand(request), python: asPython(request), http: asHttp(request, location.origin) }} />
      </div>
    </>
  );
}
