// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { count } from "../../parts/time";
import { StatePill } from "../flows/state";
import { timeHere, timeIn } from "./zoned";

type ScheduledTime = Schemas["ScheduledTime"];

/** What became of a time, as the server tells it. */
export function Outcome({ time, zone }: { time: ScheduledTime; zone: string }) {
  if (time.outcome === "started")
    return (
      <>
        {time.state ? <StatePill state={time.state} /> : <span className="pill">no longer kept</span>}{" "}
        {time.run && (time.state ? <Link to="/flows/run/$run" params={{ run: time.run }} className="link m">{time.run}</Link> : <span className="m mut">{time.run}</span>)}
      </>
    );
  const several = (time.times ?? 1) > 1 ? ` ${count(time.times!)} times since ${time.since === undefined ? "" : timeIn(zone, time.since) ?? ""}` : "";
  return (
    <>
      <span className={`pill ${time.outcome === "missed" ? "err" : "warn"}`}>{time.outcome}{several}</span>
      {time.message && <div className="i2 t12" style={{ overflowWrap: "anywhere" }}>{time.message}</div>}
    </>
  );
}

/** A moment by the schedule's clock, and by the one here where that shows something else. */
export function BothClocks({ zone, at }: { zone: string; at: number }) {
  const there = timeIn(zone, at);
  const here = timeHere(zone, at);
  return (
    <>
      <span className="nw">{there ?? here}</span>
      {there && here && <div className="mut t12 nw">{here} here</div>}
    </>
  );
}
