// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answerOf, post, put, Refusal, remove, type Pool, type Template } from "../../api/client";
import { useOwners } from "../../api/queries";
import { Glyph } from "../../drawing/Footprint";
import { Action } from "../../parts/action";
import { Field, Segmented } from "../../parts/form";
import { complain, say } from "../../parts/toast";
import { memory } from "../../parts/time";
import { differences, fieldOf, templateOf, type TemplateDraft, type TemplateWrongs } from "./template-draft";

interface Clash {
  theirs: Template;
  etag: string;
}

/** Only what the hardware here can be cut into is offered. */
function Profiles({ pool, draft, set, error }: { pool: Pool; draft: TemplateDraft; set: (changed: Partial<TemplateDraft>) => void; error: string | undefined }) {
  const offered = new Map(pool.boards.flatMap((board) => board.profiles.map((profile) => [profile.name, { profile, of: board.memory_slices }] as const)));
  return (
    <div className="field" role="group" aria-label="Profile">
      <div className="lb">
        Profile <span className="sub">the {offered.size} kinds that the GPUs of this pool can be cut into</span>
      </div>
      <div className="pick">
        {[...offered.values()].map(({ profile, of }) => (
          <button key={profile.name} type="button" aria-pressed={draft.profile === profile.name} onClick={() => set({ profile: profile.name })}>
            <Glyph slices={profile.memory_slices} of={of} />
            <span className="m b">{profile.name}</span>
            <span className="mut t11">{memory(profile.memory_mib)}, {profile.multiprocessors} SMs</span>
          </button>
        ))}
      </div>
      {error && <div className="wrong" role="alert">{error}</div>}
    </div>
  );
}

function Choose({ label, all, chosen, none, onChange, error, className }: {
  label: string;
  all: string[];
  chosen: string[];
  none: string;
  onChange: (chosen: string[]) => void;
  error: string | undefined;
  className?: (one: string) => string;
}) {
  return (
    <fieldset className="field" style={{ border: 0, padding: 0, margin: 0 }}>
      <legend className="lb">{label} <span className="sub">{chosen.length === 0 ? none : ""}</span></legend>
      <span className="chips">
        {all.map((one) => (
          <label key={one} className="btn sm check">
            <input type="checkbox" checked={chosen.includes(one)} onChange={() => onChange(chosen.includes(one) ? chosen.filter((each) => each !== one) : [...chosen, one])} />
            {className && <i className={`sq ${className(one)}`} />}
            {one}
          </label>
        ))}
      </span>
      {error && <div className="wrong" role="alert">{error}</div>}
    </fieldset>
  );
}

/** Makes a template, or changes one that nobody else changed meanwhile. */
export function TemplateForm({ first, template, pool, onDone }: { first: TemplateDraft; template: Template | undefined; pool: Pool; onDone: (name: string | undefined) => void }) {
  const client = useQueryClient();
  const owners = useOwners();
  const [draft, setDraft] = useState(first);
  const [tried, setTried] = useState(false);
  const [refused, setRefused] = useState<TemplateWrongs>({});
  // The version that was read when the form was opened: a change is held against it.
  const [etag] = useState(() => (template ? answerOf("GET", `/v1/templates/${template.name}`).then((answer) => answer.headers.get("ETag") ?? "*") : undefined));
  const [clash, setClash] = useState<Clash>();
  const { wanted, wrongs } = templateOf(draft);
  const shown: TemplateWrongs = tried ? { ...refused, ...wrongs } : refused;
  const set = (changed: Partial<TemplateDraft>) => {
    setDraft((now) => ({ ...now, ...changed }));
    setRefused({});
  };
  const send = async (over?: string) => {
    setTried(true);
    if (Object.keys(wrongs).length > 0) return;
    try {
      if (template) await put(`/v1/templates/${template.name}`, wanted, over ?? (await etag) ?? "*");
      else await post("/v1/templates", wanted);
      await client.invalidateQueries({ queryKey: ["templates"] });
      say(template ? `${wanted.name} is changed. Jobs that run are left alone.` : `${wanted.name} is offered.`);
      onDone(wanted.name);
    } catch (error) {
      if (template && error instanceof Refusal && error.status === 412) {
        const answer = await answerOf("GET", `/v1/templates/${template.name}`);
        return setClash({ theirs: (await answer.json()) as Template, etag: answer.headers.get("ETag") ?? "*" });
      }
      const field = error instanceof Refusal ? fieldOf(error.field) : undefined;
      if (error instanceof Refusal && field) setRefused({ [field]: error.said });
      else complain(error);
    }
  };
  const text = (field: "name" | "gpus" | "cpus" | "memory" | "price" | "longest" | "description", hint: string) => (
    { value: draft[field], placeholder: hint, onChange: (event: { target: { value: string } }) => set({ [field]: event.target.value }) }
  );
  const families = [...new Set(pool.boards.map((board) => board.family))];
  const sites = [...new Set(pool.nodes.map((node) => node.site))];
  return (
    <section className="card f1 col scroll" style={{ padding: "14px 16px", gap: 14 }} aria-label={template ? `Change ${template.name}` : "New template"}>
      {clash && (
        <div className="notice warn" role="alert">
          <div className="b">Somebody else saved {template!.name} meanwhile.</div>
          {differences(wanted, clash.theirs).map((one) => <div key={one} className="m">{one}</div>)}
          <div className="row" style={{ paddingTop: 8 }}>
            <button className="btn sm" type="button" onClick={() => onDone(template!.name)}>Take theirs</button>
            <Action className="sm" act={() => send(clash.etag)}>Save mine over it</Action>
          </div>
        </div>
      )}
      <div className="row" style={{ flexWrap: "wrap" }}>
        <div style={{ flex: "1 1 240px" }}>
          <Field label="Name" error={shown.name} hint={template ? "A template keeps its name." : "What people pick from the menu."}>
            {(field) => <input {...field} {...text("name", "notebook-10gb")} className="in mono" disabled={template !== undefined} />}
          </Field>
        </div>
        <div className="field">
          <div className="lb">What it gives</div>
          <Segmented label="What it gives" value={draft.kind} options={[["slice", "Slice"], ["gpus", "GPUs"], ["cpu", "CPU"]]} onChange={(kind) => set({ kind })} />
        </div>
      </div>
      {draft.kind === "slice" && <Profiles pool={pool} draft={draft} set={set} error={shown.profile} />}
      {draft.kind === "gpus" && (
        <div className="fields">
          <Field label="Kind of GPU" error={shown.family}>
            {(field) => (
              <select {...field} className="in" value={draft.family} onChange={(event) => set({ family: event.target.value })}>
                <option value="">pick one</option>
                {families.map((family) => <option key={family}>{family}</option>)}
              </select>
            )}
          </Field>
          <Field label="How many" error={shown.gpus} hint="Of one node.">{(field) => <input {...field} {...text("gpus", "1")} className="in" inputMode="numeric" />}</Field>
        </div>
      )}
      <div className="fields">
        <Field label="CPU cores" optional error={shown.cpus} hint="Empty: the share of its hardware.">{(field) => <input {...field} {...text("cpus", "its share")} className="in" />}</Field>
        <Field label="Memory" optional error={shown.memory} hint="Of the machine.">{(field) => <input {...field} {...text("memory", "its share")} className="in" />}</Field>
        <Field label="Price an hour" optional error={shown.price}>{(field) => <input {...field} {...text("price", "none")} className="in" inputMode="decimal" />}</Field>
        <Field label="Longest run" optional error={shown.longest} hint="Then it is stopped.">{(field) => <input {...field} {...text("longest", "no limit")} className="in" />}</Field>
      </div>
      <Field label="For people" optional error={shown.description}>{(field) => <input {...field} {...text("description", "what it is good for")} className="in" />}</Field>
      <Choose label="Where" all={sites} chosen={draft.sites} none="anywhere" onChange={(chosen) => set({ sites: chosen })} error={shown.sites} />
      <Choose label="Who may use it" all={owners.order} chosen={draft.teams} none="everybody" onChange={(chosen) => set({ teams: chosen })} error={shown.teams} className={owners.classOf} />
      <div className="row center" style={{ marginTop: "auto", paddingTop: 10, borderTop: "1px solid var(--line)" }}>
        <span className="mut f1">Nothing on any GPU changes until someone uses it.</span>
        <button className="btn" type="button" onClick={() => onDone(template?.name)}>Cancel</button>
        <Action className="pri" act={() => send()}>{template ? "Save" : "Offer it"}</Action>
      </div>
    </section>
  );
}

/** Takes a template out of the menu. */
export async function retire(template: Template): Promise<void> {
  await remove(`/v1/templates/${template.name}`);
  say(`${template.name} is retired. Jobs that run on it are left alone.`);
}

