// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { CSSProperties } from "react";
import type { Pool } from "../../api/client";
import { useActivity } from "../../api/activity";
import { numberText } from "../../charts/numbers";
import { placeOf } from "../run/trial";
import { nameOfRung, termsOf } from "../run/rung";
import { kindWords, type Component } from "./definition";
import { climbedTo, hasPlace, progressWords, StatePill, type FlowTrial, type RunComponent } from "./state";

const nth = ["first", "second", "third", "fourth", "fifth"];

/** How many memory slices a profile takes, and of how many. */
function partOfProfile(pool: Pool | undefined, profile: string): { span: number; of: number } {
  for (const board of pool?.boards ?? []) {
    const found = board.profiles.find((one) => one.name === profile);
    if (found) return { span: found.memory_slices, of: board.memory_slices };
  }
  return { span: 1, of: 8 };
}

interface Seat {
  trial: FlowTrial;
  start: number;
  span: number;
}

/** The GPUs a sweep's trials are on, and who of them has which slices: who has it now goes before who had it last. */
export function seatsOf(trials: FlowTrial[], pool: Pool | undefined): { gpu: string; of: number; seats: Seat[] }[] {
  const rows = new Map<string, { gpu: string; of: number; seats: Seat[] }>();
  const later = [...trials].sort((a, b) => Number(hasPlace(b)) - Number(hasPlace(a)) || (b.started ?? 0) - (a.started ?? 0));
  for (const trial of later) {
    const place = placeOf(trial.place);
    if (!place || !trial.node) continue;
    const { span, of } = place.placement ? partOfProfile(pool, place.placement.split("@")[0]!) : { span: 8, of: 8 };
    const start = place.start ?? 0;
    const key = `${trial.node} ${place.gpu}`;
    const row = rows.get(key) ?? { gpu: `${trial.node}, GPU ${place.gpu}`, of, seats: [] };
    if (!row.seats.some((seat) => seat.start < start + span && start < seat.start + seat.span)) row.seats.push({ trial, start, span });
    rows.set(key, row);
  }
  return [...rows.values()].sort((a, b) => a.gpu.localeCompare(b.gpu, undefined, { numeric: true }));
}

/** The compute list of a step: what it took of it, and what it did not need. */
function Choices({ component, on }: { component: RunComponent; on: string[] }) {
  const took = new Map<string, number>();
  for (const { on: got } of component.trials) if (got) took.set(nameOfRung(got), (took.get(nameOfRung(got)) ?? 0) + 1);
  const climbed = new Map<string, number>();
  for (const to of component.trials.map((trial) => climbedTo(trial, on))) if (to) climbed.set(to, (climbed.get(to) ?? 0) + 1);
  return (
    <ul className="choices-taken" aria-label={`Compute list of ${component.name}`}>
      {on.map((rung, at) => {
        const name = nameOfRung(rung);
        const many = took.get(name);
        return (
          <li key={at} className={many ? "took" : ""}>
            <i aria-hidden="true">{many ? "✓" : ""}</i> <span className="m">{name}</span>{" "}
            <span className="mut t12">{many ? (component.planned > 1 ? `${many} of ${component.planned} on the ${nth[at] ?? at + 1} choice` : `${nth[at] ?? at + 1} choice`) : termsOf(rung)}</span>
          </li>
        );
      })}
      {[...climbed].map(([name, many]) => (
        <li key={name} className="took"><i aria-hidden="true">↑</i> <span className="m">{name}</span> <span className="mut t12">{many === 1 ? "1 climbed" : `${many} climbed`} to it: memory ran out</span></li>
      ))}
    </ul>
  );
}

function Slices({ component, pool, teamClass, metric, chosen, onTrial }: {
  component: RunComponent;
  pool: Pool | undefined;
  teamClass: string;
  metric: string | undefined;
  chosen: number | undefined;
  onTrial: (number: number) => void;
}) {
  const activity = useActivity();
  const use = new Map([...activity].map(([attempt, share]) => [Number(attempt.split(".")[0]), share]));
  const rows = seatsOf(component.trials, pool);
  const seated = new Set(rows.flatMap((row) => row.seats.map((seat) => seat.trial.number)));
  const others = component.trials.filter((trial) => !seated.has(trial.number));
  const waiting = component.planned - component.trials.filter((trial) => trial.state !== "queued").length;
  const look = (trial: FlowTrial) =>
    trial.state === "failed" || trial.state === "lost" ? "aside" : trial.state === "starting" ? "held cut" : trial.state === "running" ? (use.has(trial.job) ? "held busy" : "held unknown") : trial.state === "succeeded" ? "done" : "fr";
  const value = (trial: FlowTrial) => (metric && trial.metrics[metric] !== undefined ? numberText(trial.metrics[metric]) : trial.state === "succeeded" ? "done" : trial.state === "running" ? "runs" : trial.stopped_early ? "early" : trial.state);
  return (
    <div className="unfolded">
      {rows.map((row) => (
        <div key={row.gpu} className="row center" style={{ gap: 10 }}>
          <span className="m t11 mut nw" style={{ width: 118 }}>{row.gpu}</span>
          <div className="gpu f1" style={{ "--n": row.of, "--h": "44px" } as CSSProperties}>
            {row.seats.sort((a, b) => a.start - b.start).map(({ trial, start, span }) => (
              <button key={trial.number} type="button" className={`v ${look(trial)} ${teamClass} ${span * 8 <= row.of ? "n1" : ""} ${component.best === trial.number ? "best" : ""} ${chosen === trial.number ? "sel" : ""}`}
                style={{ gridColumn: `${start + 1} / span ${span}`, "--a": use.get(trial.job) ?? 0 } as CSSProperties} data-trial={trial.number}
                aria-label={`trial ${trial.number}, ${trial.place} of ${trial.node}, ${trial.stopped_early ? "stopped early" : trial.state}${metric && trial.metrics[metric] !== undefined ? `, ${metric} ${numberText(trial.metrics[metric])}` : ""}`} onClick={() => onTrial(trial.number)}>
                <b>{trial.number}</b>
                <u>{value(trial)}</u>
              </button>
            ))}
          </div>
        </div>
      ))}
      {others.filter((trial) => trial.state !== "queued").length > 0 && (
        <div className="chips trial-chips">
          {others.filter((trial) => trial.state !== "queued").map((trial) => (
            <button key={trial.number} type="button" className={`pill ${trial.state === "succeeded" || hasPlace(trial) ? "ok" : trial.stopped_early ? "warn" : "err"}`} title={`${trial.on ?? ""} ${trial.node ?? ""} ${trial.stopped_early ?? trial.message ?? ""}`} data-trial={trial.number} onClick={() => onTrial(trial.number)}>
              {trial.number} <b>{value(trial)}</b>
            </button>
          ))}
        </div>
      )}
      {waiting > 0 && <div className="hint">{waiting} {waiting === 1 ? "waits" : "wait"} for a place.</div>}
    </div>
  );
}

/** One step of a run: how it stands, its list with what it took, the instance it has, and a sweep unfolded onto its slices. */
export function StepCard({ component, definition, pool, teamClass, selected, chosen, onSelect, onTrial }: {
  component: RunComponent;
  definition: Component | undefined;
  pool: Pool | undefined;
  teamClass: string;
  selected: boolean;
  chosen: number | undefined;
  onSelect: () => void;
  onTrial: (number: number) => void;
}) {
  const isSweep = component.kind === "sweep";
  const only = isSweep ? undefined : component.trials.at(-1);
  return (
    <section className={`card step ${component.state} ${selected ? "chosen" : ""} ${isSweep && component.trials.length > 0 ? "wide" : ""}`} aria-label={`Step ${component.name}`} data-state={component.state}>
      <div className="row center" style={{ gap: 8 }}>
        <button type="button" className="step-name" aria-pressed={selected} onClick={onSelect}>{component.name}</button>
        <span className="mut t12">{isSweep ? `sweep of ${component.planned}` : kindWords[component.kind]}</span>
        <span className="grow" />
        {component.taken_over ? <span className="pill">taken over</span> : <StatePill state={component.state} started={component.started} ended={component.ended} />}
      </div>
      <Choices component={component} on={definition?.on ?? []} />
      {isSweep && component.trials.length > 0 && <div className="t12 i2">{progressWords(component)}{component.best !== undefined && <>, best <b>trial {component.best}</b></>}</div>}
      {isSweep && component.trials.length > 0 && <Slices component={component} pool={pool} teamClass={teamClass} metric={definition?.metric || undefined} chosen={chosen} onTrial={onTrial} />}
      {only?.node && (
        <div className="step-place-line">
          <span className="m t12">{placeOf(only.place)?.placement ?? only.place}</span> <span className="mut t12">{only.node}{placeOf(only.place) ? `, GPU ${placeOf(only.place)!.gpu}` : ""}</span>{" "}
          <Link to="/jobs/$job" params={{ job: String(only.job) }} className="t12 link">job {only.job}</Link>
        </div>
      )}
      {definition?.when && component.state === "waiting" && <div className="t12 mut">if <span className="m">{definition.when}</span></div>}
      {component.message && <div className={`t12 ${component.state === "failed" ? "er2" : "i2"}`}>{component.message}</div>}
      {component.state === "waiting" && component.needs.length > 0 && <div className="t12 mut">Starts when {component.needs.join(" and ")} {component.needs.length > 1 ? "are" : "is"} done.</div>}
    </section>
  );
}
