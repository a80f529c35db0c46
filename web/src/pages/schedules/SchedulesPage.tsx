// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { all } from "../../api/client";
import { Action } from "../../parts/action";
import { Empty, Failed } from "../../parts/states";
import type { Flow } from "../flows/state";
import { cronWords } from "./cron-words";
import { DeleteDialog } from "./DeleteDialog";
import { BothClocks, Outcome } from "./Outcome";
import { PauseButton } from "./PauseButton";
import { emptyDraft, type Schedule } from "./schedule-draft";
import { ScheduleForm } from "./ScheduleForm";
import { hereZone } from "./zoned";

function Row({ schedule, onDelete }: { schedule: Schedule; onDelete: () => void }) {
  return (
    <tr>
      <td className="m nw"><Link to="/flows/schedules/$schedule" params={{ schedule: schedule.id }} className="link">{schedule.id}</Link></td>
      <td className="nw">
        <Link to="/flows/of/$flow" params={{ flow: schedule.flow }} search={{ project: schedule.project }} className="b">{schedule.flow}</Link>
        <div className="mut t12">{schedule.project}, {schedule.version ? `version ${schedule.version}` : "the newest"}</div>
      </td>
      <td style={{ minWidth: 170 }}>
        {cronWords(schedule.cron) ?? schedule.cron}
        <div className="mut t12"><span className="m">{schedule.cron}</span>, {schedule.time_zone}</div>
      </td>
      <td>
        {schedule.paused ? <span className="pill warn">paused</span> : schedule.next !== undefined ? <BothClocks zone={schedule.time_zone} at={schedule.next} /> : <span className="mut">none</span>}
        {schedule.problem && <div className="er2 t12">{schedule.problem}</div>}
      </td>
      <td>{schedule.last ? <><Outcome time={schedule.last} zone={schedule.time_zone} /><div className="mut t12"><BothClocks zone={schedule.time_zone} at={schedule.last.at} /></div></> : <span className="mut">none yet</span>}</td>
      <td className="r nw"><PauseButton className="sm" schedule={schedule} /> <Action className="sm danger" act={onDelete}>Delete…</Action></td>
    </tr>
  );
}

/** Flows that are run again and again: when each comes next, what became of its last time, and a form for another. */
export function SchedulesPage() {
  const search = useSearch({ from: "/shell/flows/schedules" });
  const navigate = useNavigate({ from: "/flows/schedules" });
  const schedules = useQuery({ queryKey: ["flows", "schedules"], queryFn: ({ signal }) => all<Schedule>("/v1/flow-schedules", 5, signal), refetchInterval: 5000 });
  const flows = useQuery({ queryKey: ["flows"], queryFn: ({ signal }) => all<Flow>("/v1/flows", 3, signal) });
  const [going, setGoing] = useState<Schedule>();
  if (!schedules.data || !flows.data) {
    const failed = schedules.error ?? flows.error;
    return failed ? <Failed error={failed} again={() => void Promise.all([schedules.refetch(), flows.refetch()])} /> : <div className="skeleton" style={{ height: 320 }} />;
  }
  const shown = schedules.data.filter((one) => (!search.flow || one.flow === search.flow) && (!search.project || one.project === search.project));
  const begun = flows.data.find((one) => one.name === search.flow && (!search.project || one.project === search.project)) ?? (flows.data.length === 1 ? flows.data[0] : undefined);
  if (flows.data.length === 0 && schedules.data.length === 0)
    return (
      <Empty title="Nothing runs by itself yet">
        <p className="i2">A schedule runs a flow again and again, at the times of a cron expression by the clock of a time zone: the nightly training, the report on Monday. It needs a flow first.</p>
        <Link className="btn pri" to="/flows/edit" search={{ example: true }}>Try the example flow</Link>
      </Empty>
    );
  return (
    <>
      <div className="head">
        <h1>Schedules</h1>
        {search.flow && <button className="btn sm" onClick={() => void navigate({ search: {} })}>of {search.flow} ×</button>}
        <span className="sub">the clock here is {hereZone()}</span>
        <span className="grow" />
        <Link className="btn" to="/flows">Flows and runs</Link>
      </div>
      <div className="admin">
        <section className="card f1" aria-label="Schedules">
          {shown.length > 0 ? (
            <table>
              <thead><tr><th>schedule</th><th>flow</th><th>when</th><th>next</th><th>last</th><th><span className="sr">what can be done</span></th></tr></thead>
              <tbody>{shown.map((one) => <Row key={one.id} schedule={one} onDelete={() => setGoing(one)} />)}</tbody>
            </table>
          ) : search.flow && schedules.data.length > 0 ? (
            <Empty title={`Nothing runs ${search.flow} by itself`}><button className="btn" onClick={() => void navigate({ search: {} })}>Show all schedules</button></Empty>
          ) : (
            <p className="i2" style={{ padding: 14 }}>Nothing runs by itself yet. A schedule runs a flow again and again: say which, and when, and by whose clock. Each time is run once at most; what was skipped or missed is told here with the reason.</p>
          )}
        </section>
        <section className="card side" aria-label="New schedule">
          <h2>New schedule</h2>
          <ScheduleForm key={begun ? `${begun.project}/${begun.name}` : ""} flows={flows.data} start={{ ...emptyDraft(hereZone()), flow: begun?.name ?? "", project: begun?.project ?? "" }}
            onMade={(made) => navigate({ to: "/flows/schedules/$schedule", params: { schedule: made.id } })} />
        </section>
      </div>
      {going && <DeleteDialog schedule={going} onClose={() => setGoing(undefined)} onDeleted={() => setGoing(undefined)} />}
    </>
  );
}
