// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { patch, post, Refusal } from "../../api/client";
import { AsCode } from "../../parts/AsCode";
import { Action } from "../../parts/action";
import { Clash } from "../../parts/Clash";
import { Field, Segmented } from "../../parts/form";
import { complain } from "../../parts/toast";
import { useFlow } from "../flows/useFlow";
import type { Flow } from "../flows/state";
import { changeOf, codeOf, differences, draftOf, fieldOf, requestOf, wrongsOf, type Draft, type Schedule } from "./schedule-draft";
import { WhenFields } from "./WhenFields";

/** What runs, when, and by whose clock. What is refused stands at its field. With `known` it is one that there is, as it was under this ETag. */
export function ScheduleForm({ flows, start, known, onMade }: {
  flows: Flow[];
  start: Draft;
  known?: { id: string; etag: string; read: () => Promise<{ etag: string; schedule: Schedule }> };
  onMade: (schedule: Schedule) => void | Promise<void>;
}) {
  const [draft, setDraft] = useState(start);
  const [wrongs, setWrongs] = useState<Record<string, string>>({});
  const [etag, setEtag] = useState(known?.etag ?? "");
  const [theirs, setTheirs] = useState<Draft>();
  const chosen = flows.find((one) => one.name === draft.flow && one.project === draft.project);
  const definition = useFlow(chosen?.name, chosen?.project, draft.version).data?.definition;
  const parameters = Object.entries(chosen ? definition?.parameters ?? {} : {});
  const change = (more: Partial<Draft>, field: string) => {
    setDraft({ ...draft, ...more });
    setWrongs(({ [field]: _, form: __, ...rest }) => rest);
  };
  const send = async () => {
    const missing = wrongsOf(draft);
    setWrongs(missing);
    if (Object.keys(missing).length) return;
    await onMade(await (known ? patch(`/v1/flow-schedules/${known.id}`, changeOf(draft), etag) : post("/v1/flow-schedules", requestOf(draft))));
  };
  const refused = (error: unknown) => {
    if (known && error instanceof Refusal && error.status === 412) {
      return known.read().then((now) => {
        setEtag(now.etag);
        setTheirs(draftOf(now.schedule));
      }, complain);
    }
    if (!(error instanceof Refusal) || error.status === 0) return complain(error);
    setWrongs({ [fieldOf(error, parameters.map(([name]) => name)) ?? "form"]: error.said });
  };
  return (
    <form className="col" style={{ gap: 10 }} onSubmit={(event) => event.preventDefault()}>
      <Field label="Flow" error={wrongs["run.flow"] ?? wrongs["run.project"]}>
        {(field) => (
          <select {...field} className="in" disabled={known !== undefined} value={chosen ? `${chosen.project}/${chosen.name}` : ""}
            onChange={(event) => {
              const flow = flows.find((one) => `${one.project}/${one.name}` === event.target.value);
              change({ flow: flow?.name ?? "", project: flow?.project ?? "", version: undefined, parameters: {} }, "run.flow");
            }}>
            <option value="">choose one</option>
            {flows.map((one) => <option key={`${one.project}/${one.name}`} value={`${one.project}/${one.name}`}>{one.name}, {one.project}</option>)}
          </select>
        )}
      </Field>
      {chosen && (
        <Field label="Version" error={wrongs["run.version"]}>
          {(field) => (
            <select {...field} className="in" value={draft.version ?? ""} onChange={(event) => change({ version: Number(event.target.value) || undefined }, "run.version")}>
              <option value="">the newest each time</option>
              {Array.from({ length: chosen.version }, (_, at) => chosen.version - at).map((one) => <option key={one} value={one}>always version {one}</option>)}
            </select>
          )}
        </Field>
      )}
      {parameters.map(([name, usual]) => (
        <Field key={name} label={name} optional error={wrongs[`run.parameters.${name}`]}>
          {(field) => <input {...field} className="in mono" placeholder={usual} value={draft.parameters[name] ?? ""} onChange={(event) => change({ parameters: { ...draft.parameters, [name]: event.target.value } }, `run.parameters.${name}`)} />}
        </Field>
      ))}
      <WhenFields cron={draft.cron} zone={draft.zone} wrongs={wrongs} onCron={(cron) => change({ cron }, "cron")} onZone={(zone) => change({ zone }, "time_zone")} />
      <div>
        <div className="lb">While the last run still goes on</div>
        <Segmented label="While the last run still goes on" value={draft.overlap} options={[["skip", "skip the time"], ["allow", "run beside it"]]} onChange={(overlap) => change({ overlap }, "overlap")} />
      </div>
      <Field label="May start late by" error={wrongs.may_be_late} hint="When nobody could start it in time. Of several missed times the newest alone is run.">
        {(field) => <input {...field} className="in mono" placeholder="1h" value={draft.late} onChange={(event) => change({ late: event.target.value }, "may_be_late")} />}
      </Field>
      {theirs && (
        <Clash title="Somebody changed it since you opened it." changes={differences(draft, theirs)} onTake={() => {
          setDraft(theirs);
          setTheirs(undefined);
          setWrongs({});
        }} />
      )}
      {wrongs.form && <div className="wrong" role="alert">{wrongs.form}</div>}
      <div><Action className="pri" act={send} onError={refused}>{known ? "Change the schedule" : "Make the schedule"}</Action></div>
      {!known && (
        <details>
          <summary className="t12 mut">The same for scripts</summary>
          <AsCode label="The same for scripts" note="" code={codeOf(draft, location.origin)} />
        </details>
      )}
    </form>
  );
}
