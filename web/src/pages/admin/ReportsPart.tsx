// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { all, answerOf, get, post, remove, type Schemas } from "../../api/client";
import { Action } from "../../parts/action";
import { Dialog } from "../../parts/dialog";
import { Failed } from "../../parts/states";
import { clockTime, duration } from "../../parts/time";
import { say } from "../../parts/toast";
import { cronWords } from "../schedules/cron-words";
import { BothClocks } from "../schedules/Outcome";
import { hereZone, timeIn } from "../schedules/zoned";
import { draftOf, emptyDraft, kinds, type ReportSchedule } from "./report-schedule";
import { ReportForm, type Known } from "./ReportForm";

const pathOf = (name: string) => `/v1/report-schedules/${encodeURIComponent(name)}` as const;
const kindWord = (report: string): string => kinds.find(([key]) => key === report)?.[1] ?? report;

async function readOne(name: string): Promise<Known> {
  const answer = await answerOf("GET", pathOf(name));
  return { etag: answer.headers.get("ETag") ?? "", schedule: ((await answer.json()) as Schemas["ReportScheduleDetails"]).schedule };
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** How it goes, in one pill and, if badly, in words. */
function Standing({ one }: { one: ReportSchedule }) {
  if (one.problem) return <><span className="pill err">{one.failing_since === undefined ? "makes nothing" : `fails since ${clockTime(one.failing_since)}`}</span><div className="er2 t12" style={{ overflowWrap: "anywhere" }}>{one.problem}</div></>;
  if (one.paused) return <span className="pill warn">paused</span>;
  return one.next === undefined ? <span className="mut">none</span> : <BothClocks zone={one.time_zone} at={one.next} />;
}

/** One schedule: its next times, what lies in its folder, and what can be done about it. */
function Chosen({ name, anew, onClose, onChange, onDelete }: { name: string; anew: () => Promise<unknown>; onClose: () => void; onChange: () => void; onDelete: () => void }) {
  const details = useQuery({
    queryKey: ["access", "report-schedules", name],
    queryFn: ({ signal }) => get<Schemas["ReportScheduleDetails"]>(pathOf(name), signal),
    refetchInterval: ({ state }) => (state.error ? false : 5000),
    retry: false,
  });
  if (!details.data) return <section className="card side" aria-label={name}>{details.error && <Failed error={details.error} />}</section>;
  const { schedule, next, files } = details.data;
  return (
    <section className="card side" aria-label={name}>
      <div className="row center">
        <h2 className="grow cut-off" title={name}>{name}</h2>
        <button className="icon" aria-label="Close" onClick={onClose}>×</button>
      </div>
      <div className="row" style={{ gap: 6, flexWrap: "wrap" }}>
        <Action className="sm" act={async () => {
          const made = await post(`${pathOf(name)}/run`);
          say(`${made.files[0]?.name ?? name} is made.`);
          await anew();
        }}>Make one now</Action>
        <Action className="sm" act={async () => {
          await (schedule.paused ? post(`${pathOf(name)}/resume`) : post(`${pathOf(name)}/pause`));
          await anew();
        }}>{schedule.paused ? "Resume" : "Pause"}</Action>
        <button className="btn sm" onClick={onChange}>Change…</button>
        <Action className="sm danger" act={onDelete}>Delete…</Action>
      </div>
      <dl className="facts">
        <dt>report</dt><dd>{kindWord(schedule.report)}{schedule.by.length > 0 && `, by ${schedule.by.join(" and ")}`}</dd>
        <dt>each is about</dt><dd>{schedule.span === 0 ? "all since the time before" : duration(schedule.span)}</dd>
        <dt>kept</dt><dd>the newest {schedule.keep}</dd>
      </dl>
      <div>
        <h3>Next times</h3>
        {next.length === 0 ? <p className="hint">{schedule.paused ? "None while it is paused. What comes meanwhile is not made up for." : "None."}</p> : (
          <div className="lines">{next.map((at) => <div key={at}><BothClocks zone={schedule.time_zone} at={at} /></div>)}</div>
        )}
      </div>
      <div>
        <h3>In its folder</h3>
        {files.length === 0 ? <p className="hint">Nothing yet.</p> : (
          <div className="lines" data-testid="report-files">
            {files.map((file) => (
              <div key={file.name}>
                <a className="link nw" download={`${name}-${file.name}`} href={`${pathOf(name)}/files/${encodeURIComponent(file.name)}`} title={file.name}>{timeIn(schedule.time_zone, file.until) ?? clockTime(file.until)}</a>
                <span className="mut">{file.format}</span>
                <span className="grow" />
                <span className="mut t12 nw">{size(file.bytes)}</span>
              </div>
            ))}
          </div>
        )}
      </div>
    </section>
  );
}

/** Changes a schedule as it was when this was opened: whoever changed it meanwhile is not overwritten. */
function ChangeDialog({ name, onClose, onDone }: { name: string; onClose: () => void; onDone: () => Promise<unknown> }) {
  // Not among what events read anew: what is typed is held against what was seen when this was opened.
  const opened = useQuery({ queryKey: ["report schedule to change", name], queryFn: () => readOne(name), staleTime: Infinity, gcTime: 0, retry: false });
  return (
    <Dialog title={`Change ${name}`} onClose={onClose} foot={<button className="btn" onClick={onClose}>Leave it as it is</button>}>
      <p className="hint">Files that are there stay. Times that came before are made no more.</p>
      {opened.error && !opened.data && <Failed error={opened.error} again={() => void opened.refetch()} />}
      {opened.data && (
        <ReportForm start={draftOf(opened.data.schedule)} known={opened.data} read={() => readOne(name)} onDone={async () => {
          await onDone();
          say(`${name} is as you said from now on.`);
          onClose();
        }} />
      )}
    </Dialog>
  );
}

/** Reports that are made again and again into folders of the controller's machine, and how that goes. */
export function ReportsPart() {
  const { show } = useSearch({ from: "/shell/admin/$part" });
  const navigate = useNavigate({ from: "/admin/$part" });
  const client = useQueryClient();
  const [changing, setChanging] = useState(false);
  const [deleting, setDeleting] = useState<string>();
  // That a report was made is no event: it is asked for.
  const schedules = useQuery({ queryKey: ["access", "report-schedules"], queryFn: () => all<ReportSchedule>("/v1/report-schedules"), refetchInterval: ({ state }) => (state.error ? false : 5000), retry: false });
  if (!schedules.data) return schedules.error ? <Failed error={schedules.error} again={() => void schedules.refetch()} /> : <div className="skeleton" style={{ height: 320 }} />;
  const anew = () => client.invalidateQueries({ queryKey: ["access", "report-schedules"] });
  const look = (name?: string) => void navigate({ to: "/admin/$part", params: { part: "reports" }, search: name ? { show: name } : {} });
  return (
    <div className="admin">
      <section className="card f1" aria-label="Scheduled reports">
        {schedules.data.length === 0 ? (
          <p className="i2" style={{ padding: 14 }}>No report is made by itself yet. Say which and when: each lies in a folder of the controller's machine, once and whole, to be fetched from here, by command or by whatever copies the folder.</p>
        ) : (
          <table>
            <thead><tr><th>schedule</th><th>report</th><th>when</th><th>next</th><th>newest</th></tr></thead>
            <tbody>
              {schedules.data.map((one) => (
                <tr key={one.name} className={one.name === show ? "on" : ""}>
                  <td style={{ overflowWrap: "anywhere" }}><button className="step-name m" aria-expanded={one.name === show} onClick={() => look(one.name === show ? undefined : one.name)}>{one.name}</button></td>
                  <td className="nw">{kindWord(one.report)}<div className="mut t12">{one.by.length > 0 && `by ${one.by.join(" and ")}, `}{one.formats.join(", ")}</div></td>
                  <td style={{ minWidth: 160 }}>{cronWords(one.cron) ?? one.cron}<div className="mut t12"><span className="m">{one.cron}</span>, {one.time_zone}</div></td>
                  <td><Standing one={one} /></td>
                  <td>{one.last === undefined ? <span className="mut">none yet</span> : <BothClocks zone={one.time_zone} at={one.last} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      {show ? <Chosen key={show} name={show} anew={anew} onClose={() => look()} onChange={() => setChanging(true)} onDelete={() => setDeleting(show)} /> : (
        <section className="card side" aria-label="New schedule">
          <h2>New schedule</h2>
          <ReportForm start={emptyDraft(hereZone())} onDone={async (made) => {
            await anew();
            say(`${made.name} makes its reports from now on.`);
            look(made.name);
          }} />
        </section>
      )}
      {changing && show && <ChangeDialog name={show} onClose={() => setChanging(false)} onDone={anew} />}
      {deleting && (
        <Dialog title={`Delete ${deleting}`} onClose={() => setDeleting(undefined)}
          foot={
            <>
              <button className="btn" onClick={() => setDeleting(undefined)}>Keep it</button>
              <Action className="danger" act={async () => {
                // First out of sight: what shows it would ask for one that is no more.
                await navigate({ to: "/admin/$part", params: { part: "reports" }, search: {} });
                await remove(pathOf(deleting));
                setDeleting(undefined);
                await anew();
              }}>Delete it</Action>
            </>
          }>
          <p>It makes nothing more. What lies in its folder stays there, and can be fetched from the controller's machine only, until a schedule of this name is made again.</p>
        </Dialog>
      )}
    </div>
  );
}
