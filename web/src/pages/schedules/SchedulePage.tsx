// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { get, type Schemas } from "../../api/client";
import { Action } from "../../parts/action";
import { Failed } from "../../parts/states";
import { clockTime, duration } from "../../parts/time";
import { ChangeDialog } from "./ChangeDialog";
import { cronWords } from "./cron-words";
import { DeleteDialog } from "./DeleteDialog";
import { Outcome } from "./Outcome";
import { PauseButton } from "./PauseButton";
import { hereZone, timeIn } from "./zoned";

/** One schedule: its next times by its own clock and by the one here, and what became of the last fifty. */
export function SchedulePage() {
  const { schedule: id } = useParams({ from: "/shell/flows/schedules/$schedule" });
  const navigate = useNavigate({ from: "/flows/schedules/$schedule" });
  const [deleting, setDeleting] = useState(false);
  const [changing, setChanging] = useState(false);
  const [gone, setGone] = useState(false);
  const details = useQuery({
    queryKey: ["flows", "schedules", id],
    queryFn: ({ signal }) => get<Schemas["FlowScheduleDetails"]>(`/v1/flow-schedules/${encodeURIComponent(id)}`, signal),
    enabled: !gone,
    refetchInterval: ({ state }) => (state.error ? false : 5000),
    retry: false,
  });
  if (!details.data) return details.error ? <Failed error={details.error} again={() => void details.refetch()} /> : <div className="skeleton" style={{ height: 320 }} />;
  const { schedule, next, times } = details.data;
  const zone = schedule.time_zone;
  const here = hereZone();
  const two = zone !== here && timeIn(zone, 0) !== undefined;
  const clocks = (at: number) => (
    <>
      {two && <td className="nw">{timeIn(zone, at)}</td>}
      <td className="nw">{timeIn(here, at)}</td>
    </>
  );
  const heads = <>{two && <th>{zone}</th>}<th>{two ? `here, ${here}` : zone}</th></>;
  return (
    <>
      <div className="head">
        <h1>{schedule.flow}</h1>
        <span className="m mut">{schedule.id}</span>
        {schedule.paused && <span className="pill warn">paused</span>}
        <span className="sub">{cronWords(schedule.cron) ?? schedule.cron}, {zone}</span>
        <span className="grow" />
        <Link className="btn" to="/flows/schedules">All schedules</Link>
        <Action className="danger" act={() => setDeleting(true)}>Delete…</Action>
        <Action act={() => setChanging(true)}>Change…</Action>
        <PauseButton className={schedule.paused ? "pri" : ""} schedule={schedule} />
      </div>
      {schedule.problem && <div className="notice err" role="status">It starts nothing: {schedule.problem}.</div>}
      <div className="admin">
        <div className="col f1" style={{ gap: 12 }}>
          <section className="card scroll" style={{ flex: "none" }} aria-label="Next times">
            <div className="ch"><h2>Next times</h2></div>
            {next.length === 0 ? (
              <p className="hint" style={{ padding: "0 14px 12px" }}>{schedule.paused ? "None while it is paused. What comes meanwhile is neither run nor noted." : "None."}</p>
            ) : (
              <table>
                <thead><tr>{heads}<th className="r">in</th></tr></thead>
                <tbody>{next.map((at) => <tr key={at}>{clocks(at)}<td className="r nw mut">{duration(at - Date.now() * 1000)}</td></tr>)}</tbody>
              </table>
            )}
          </section>
          <section className="card scroll f1" style={{ minHeight: 140 }} aria-label="Last times">
            <div className="ch"><h2>Last times</h2><span className="sub t12">what became of the last fifty</span></div>
            {times.length === 0 ? (
              <p className="hint" style={{ padding: "0 14px 12px" }}>None has come yet.</p>
            ) : (
              <table>
                <thead><tr>{heads}<th>what became of it</th></tr></thead>
                <tbody>{times.map((time) => <tr key={`${time.at} ${time.outcome}`}>{clocks(time.at)}<td><Outcome time={time} zone={zone} /></td></tr>)}</tbody>
              </table>
            )}
          </section>
        </div>
        <section className="card side" aria-label="What it runs">
          <h2>What it runs</h2>
          <dl className="facts">
            <dt>flow</dt><dd><Link to="/flows/of/$flow" params={{ flow: schedule.flow }} search={{ project: schedule.project }} className="link">{schedule.flow}</Link></dd>
            <dt>version</dt><dd>{schedule.version ?? "the newest each time"}</dd>
            <dt>project</dt><dd>{schedule.project}</dd>
            {Object.entries(schedule.parameters).map(([name, value]) => <div key={name} style={{ display: "contents" }}><dt className="m">{name}</dt><dd className="m">{value}</dd></div>)}
            <dt>when</dt><dd className="m">{schedule.cron}</dd>
            <dt>time zone</dt><dd>{zone}</dd>
            <dt>while the last run goes on</dt><dd>{schedule.overlap === "skip" ? "skipped" : "runs beside it"}</dd>
            <dt>may start late by</dt><dd>{duration(schedule.may_be_late)}</dd>
            <dt>made</dt><dd>{clockTime(schedule.made)} by {schedule.user}, whose its runs are</dd>
          </dl>
        </section>
      </div>
      {changing && <ChangeDialog schedule={schedule} onClose={() => setChanging(false)} />}
      {deleting && (
        <DeleteDialog schedule={schedule} onClose={() => setDeleting(false)} onDeleted={async () => {
          setGone(true);
          await navigate({ to: "/flows/schedules" });
        }} />
      )}
    </>
  );
}
