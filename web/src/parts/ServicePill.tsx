// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from "../api/client";
import { duration } from "./time";

type ServiceState = Schemas["ServiceState"];

const looks: Record<ServiceState["phase"], string> = { starting: "", ready: "ok", unhealthy: "err" };

/** "nobody for 40 min of 2 h"; empty while it is used. */
export function idleWords(state: ServiceState, idleAfter: number, now: number): string {
  if (state.idle_since === undefined) return "";
  const since = duration(Math.max(0, now - state.idle_since));
  return idleAfter ? `nobody for ${since} of ${duration(idleAfter)}` : `nobody for ${since}`;
}

/** How a workspace or endpoint is, as its node sees it. */
export function ServicePill({ state }: { state: ServiceState }) {
  return <span className={`pill ${looks[state.phase]}`} title={state.reason} data-testid="service">{state.phase === "starting" ? "not listening yet" : state.phase}</span>;
}
