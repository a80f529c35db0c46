// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type CSSProperties } from "react";
import type { BoardCount, Node, Pool, Template } from "../../api/client";
import { useMe, usePool, useTemplates } from "../../api/queries";
import { Footprint } from "../../drawing/Footprint";
import { Action } from "../../parts/action";
import { Dialog } from "../../parts/dialog";
import { Failed } from "../../parts/states";
import { count, duration, memory } from "../../parts/time";
import { aboutTemplate } from "../run/TemplateMenu";
import { draftOfTemplate, emptyTemplate } from "./template-draft";
import { retire, TemplateForm } from "./TemplateForm";

/** How many GPUs have nothing on the memory slices from `start` on, `width` wide, that somebody holds. */
function emptyAt(nodes: Node[], model: string, start: number, width: number): number {
  let found = 0;
  for (const node of nodes) {
    if (node.state !== "ready" || node.draining) continue;
    for (const gpu of node.gpus) {
      if (gpu.model !== model || gpu.state !== "idle" || gpu.policy !== "managed") continue;
      if (gpu.slices.every((slice) => slice.state === "idle" || slice.start >= start + width || slice.start + slice.memory_slices <= start)) ++found;
    }
  }
  return found;
}

/** Each place a slice may have on its GPU. */
function Places({ template, board, pool }: { template: Template; board: BoardCount; pool: Pool }) {
  const profile = board.profiles.find((one) => one.name === template.profile)!;
  return (
    <div className="col" style={{ gap: 6 }}>
      <h3>On an {board.model.replace(/^NVIDIA /, "")}</h3>
      <p className="i2">
        {profile.memory_slices} of {board.memory_slices} memory slices and {profile.compute_slices} compute {profile.compute_slices === 1 ? "slice" : "slices"}, in one of {profile.starts.length}{" "}
        {profile.starts.length === 1 ? "place" : "places"}: {memory(profile.memory_mib)}, {profile.multiprocessors} SMs.
      </p>
      {profile.starts.map((start) => (
        <div key={start} className="row center" style={{ gap: 10 }}>
          <span className="m" style={{ width: 92 }}>{profile.name}@{start}</span>
          <div className="gpu f1" style={{ "--n": board.memory_slices, "--h": "26px" } as CSSProperties} aria-hidden="true">
            {Array.from({ length: board.memory_slices }, (_, at) =>
              at === start ? <span key={at} className="v mine" style={{ gridColumn: `${at + 1} / span ${profile.memory_slices}` }} />
              : at > start && at < start + profile.memory_slices ? null
              : <span key={at} className="v fr" style={{ gridColumn: at + 1 }} />,
            )}
          </div>
          <span className="t12 r" style={{ width: 118 }}><span className="b">{emptyAt(pool.nodes, board.model, start, profile.memory_slices)}</span> <span className="mut">GPUs have it free</span></span>
        </div>
      ))}
    </div>
  );
}

export function TemplatesPart() {
  const templates = useTemplates();
  const pool = usePool();
  const me = useMe();
  const client = useQueryClient();
  const [chosen, setChosen] = useState<string>();
  const [doing, setDoing] = useState<"new" | "change" | "retire">();
  const may = me.data?.role === "admin" || me.data?.role === "operator";
  const why = may ? undefined : "An operator or admin can do this";
  if (!templates.data || !pool.data) return templates.error ? <Failed error={templates.error} /> : null;
  const template = templates.data.find((one) => one.name === chosen) ?? templates.data[0];
  const boards = template?.kind === "slice" ? pool.data.boards.filter((board) => board.profiles.some((one) => one.name === template.profile)) : [];
  const group = (title: string, those: Template[]) =>
    those.length > 0 && (
      <div>
        <div className="gh">{title}</div>
        {those.map((one) => (
          <button key={one.name} className={`tm ${one.name === template?.name ? "on" : ""}`} onClick={() => { setChosen(one.name); setDoing(undefined); }} aria-pressed={one.name === template?.name}>
            <Footprint template={one.name} />
            <span className="name f1 cut-off">{one.name}</span>
            <span className="t12 mut">{count(one.free ?? 0)} free</span>
          </button>
        ))}
      </div>
    );
  return (
    <div className="admin">
      <section className="card" style={{ width: 300, flex: "none" }} aria-label="Templates">
        <div className="ch">
          <span className="grow" />
          <Action className="sm" disabled={!may} why={why} act={() => setDoing("new")}>New template</Action>
        </div>
        {group("Came by themselves", templates.data.filter((one) => one.seeded))}
        {group("Made here", templates.data.filter((one) => !one.seeded))}
      </section>
      {(doing === "new" || (doing === "change" && template)) && (
        <TemplateForm
          key={doing === "new" ? "" : template!.name}
          first={doing === "new" ? emptyTemplate : draftOfTemplate(template!)}
          template={doing === "new" ? undefined : template}
          pool={pool.data}
          onDone={(name) => {
            setDoing(undefined);
            if (name) setChosen(name);
          }}
        />
      )}
      {doing === "retire" && template && (
        <Dialog
          title={`Retire ${template.name}`}
          onClose={() => setDoing(undefined)}
          foot={
            <>
              <button className="btn" onClick={() => setDoing(undefined)}>Keep it</button>
              <Action
                className="danger"
                act={async () => {
                  await retire(template);
                  setDoing(undefined);
                  await client.invalidateQueries({ queryKey: ["templates"] });
                }}
              >
                Retire it
              </Action>
            </>
          }
        >
          <p>It leaves the menu. Jobs that run on it are left alone, jobs that wait pass it over, and it does not come back by itself.</p>
        </Dialog>
      )}
      {template && doing !== "new" && doing !== "change" && (
        <section className="card f1 col" style={{ padding: "14px 16px", gap: 14 }} aria-label={template.name}>
          <div className="row center">
            <Footprint template={template.name} />
            <h2 className="m" style={{ fontSize: 15 }}>{template.name}</h2>
            <span className="sub">{aboutTemplate(template, pool.data)}</span>
            <span className="grow" />
            <Action disabled={!may} why={why} act={() => setDoing("change")}>Change…</Action>
            <Action className="danger" disabled={!may} why={why} act={() => setDoing("retire")}>Retire…</Action>
            <Link className="btn" to="/run" search={{ on: template.name }}>Run on it</Link>
          </div>
          <div className="triple" style={{ maxWidth: 560 }}>
            <div><div className="mut t12">Free now</div><div className="b">{count(template.free ?? 0)}</div></div>
            <div><div className="mut t12">Processors for a job</div><div className="b">{template.cpu_milli / 1000}</div></div>
            <div><div className="mut t12">Memory for a job</div><div className="b">{memory(template.memory_mib)}</div></div>
          </div>
          {template.description && <p>{template.description}</p>}
          <dl className="facts" style={{ maxWidth: 560 }}>
            <dt>Price an hour</dt>
            <dd>{template.price_micro ? template.price_micro / 1e6 : "none"}</dd>
            <dt>Longest run</dt>
            <dd>{template.longest ? duration(template.longest) : "no limit"}</dd>
            <dt>Where</dt>
            <dd>{[...template.sites, ...template.nodes, ...Object.entries(template.labels).map(([key, value]) => `${key}=${value}`)].join(", ") || "anywhere"}</dd>
            <dt>Who may use it</dt>
            <dd>{[...template.teams, ...template.projects, ...template.users].join(", ") || "everybody"}</dd>
          </dl>
          {boards.map((board) => <Places key={board.model} template={template} board={board} pool={pool.data} />)}
          {template.kind === "gpus" && <p className="i2">{template.gpus} whole {template.gpus === 1 ? "GPU" : "GPUs of one node"}, {template.family}. Idle slices on them give way.</p>}
          {template.kind === "cpu" && <p className="i2">No GPU: a share of the processors and memory of any node.</p>}
        </section>
      )}
    </div>
  );
}
