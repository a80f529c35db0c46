// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { patch, post, Refusal } from "../../api/client";
import { Action } from "../../parts/action";
import { AsCode } from "../../parts/AsCode";
import { Clash } from "../../parts/Clash";
import { Field } from "../../parts/form";
import { complain } from "../../parts/toast";
import { WhenFields } from "../schedules/WhenFields";
import { changeOf, codeOf, differences, draftOf, formats, groups, kinds, requestOf, wrongsOf, type Draft, type ReportSchedule } from "./report-schedule";

export interface Known {
  schedule: ReportSchedule;
  /** What it was read under: a change is held against it. */
  etag: string;
}

function Checks({ label, sub, of, chosen, error, onChange }: {
  label: string;
  sub: string;
  of: readonly (readonly [string, string])[];
  chosen: string[];
  error: string | undefined;
  onChange: (chosen: string[]) => void;
}) {
  return (
    <fieldset className="plain">
      <legend className="lb">{label} <span className="sub">{sub}</span></legend>
      <span className="chips">
        {of.map(([key, word]) => (
          <label key={key} className="btn sm check">
            <input type="checkbox" checked={chosen.includes(key)} onChange={() => onChange(chosen.includes(key) ? chosen.filter((one) => one !== key) : [...chosen, key])} />
            {word}
          </label>
        ))}
      </span>
      {error && <div className="wrong" role="alert">{error}</div>}
    </fieldset>
  );
}

/** Which report is made again and again, of what time, when, and as what. What is refused stands at its field. */
export function ReportForm({ start, known, read, onDone }: { start: Draft; known?: Known; read?: () => Promise<Known>; onDone: (schedule: ReportSchedule) => void | Promise<void> }) {
  const [draft, setDraft] = useState(start);
  const [wrongs, setWrongs] = useState<Partial<Record<string, string>>>({});
  const [etag, setEtag] = useState(known?.etag ?? "");
  const [theirs, setTheirs] = useState<Draft>();
  const change = (more: Partial<Draft>, field: string) => {
    setDraft({ ...draft, ...more });
    setWrongs(({ [field]: _, form: __, ...rest }) => rest);
  };
  const send = async () => {
    const wrong = wrongsOf(draft);
    setWrongs(wrong);
    if (Object.keys(wrong).length) return;
    await onDone(await (known ? patch(`/v1/report-schedules/${encodeURIComponent(known.schedule.name)}`, changeOf(draft), etag) : post("/v1/report-schedules", requestOf(draft))));
  };
  const refused = (error: unknown) => {
    if (read && error instanceof Refusal && error.status === 412) {
      return read().then((now) => {
        setEtag(now.etag);
        setTheirs(draftOf(now.schedule));
      }, complain);
    }
    if (!(error instanceof Refusal) || error.status === 0) return complain(error);
    const field = error.field.split(/[.[]/)[0] || (error.status === 409 ? "name" : "form");
    setWrongs({ [field]: error.said });
  };
  return (
    <form className="col" style={{ gap: 10 }} onSubmit={(event) => event.preventDefault()}>
      <Field label="Name" error={wrongs.name} hint={known ? undefined : "Of its folder too, on the controller's machine."}>
        {(field) => <input {...field} className="in mono" spellCheck={false} disabled={known !== undefined} placeholder="usage-weekly" value={draft.name} onChange={(event) => change({ name: event.target.value }, "name")} />}
      </Field>
      <Field label="Report" error={wrongs.report}>
        {(field) => (
          <select {...field} className="in" value={draft.report} onChange={(event) => change({ report: event.target.value }, "report")}>
            {kinds.map(([key, word]) => <option key={key} value={key}>{word}</option>)}
          </select>
        )}
      </Field>
      <Checks label="By" sub={draft.by.length === 0 ? "what suits it; two at most" : "two at most"} of={groups} chosen={draft.by} error={wrongs.by} onChange={(by) => change({ by }, "by")} />
      <WhenFields cron={draft.cron} zone={draft.zone} wrongs={wrongs} verb="Made" onCron={(cron) => change({ cron }, "cron")} onZone={(zone) => change({ zone }, "time_zone")} />
      <Field label="Each is about" optional error={wrongs.span} hint="A length of time, or all since the time before: one begins where another ends.">
        {(field) => <input {...field} className="in mono" placeholder="all since the time before" value={draft.span} onChange={(event) => change({ span: event.target.value }, "span")} />}
      </Field>
      <Checks label="Written as" sub="" of={formats} chosen={draft.formats} error={wrongs.formats} onChange={(as) => change({ formats: as }, "formats")} />
      <Field label="Keep" error={wrongs.keep} hint="The newest so many; older ones are deleted.">
        {(field) => <input {...field} className="in" inputMode="numeric" value={draft.keep} onChange={(event) => change({ keep: event.target.value }, "keep")} />}
      </Field>
      {theirs && (
        <Clash title="Somebody changed it since you opened it." changes={differences(draft, theirs)} onTake={() => {
          setDraft(theirs);
          setTheirs(undefined);
          setWrongs({});
        }} />
      )}
      {wrongs.form && <div className="wrong" role="alert">{wrongs.form}</div>}
      <div><Action className="pri" act={send} onError={refused}>{known ? "Change it" : "Make the schedule"}</Action></div>
      {!known && (
        <details>
          <summary className="t12 mut">The same for scripts</summary>
          <AsCode label="The same for scripts" note="" code={codeOf(draft, location.origin)} />
        </details>
      )}
    </form>
  );
}
