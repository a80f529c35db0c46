// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ask, type Schemas, type SubmitJobs, type Template } from "../../api/client";
import { has } from "../../api/paths";
import type { Trial } from "./trial";

type Tried = Schemas["TryJobs"];

/** Somebody else may take what is free: the answer is asked for again after this long. */
const again = 5000;
const mostChoices = 32;
const mostTried = 1000;

/** What of a request decides when it starts; nothing where it cannot be tried yet. */
export function triedOf(request: SubmitJobs, templates: Template[]): Tried | undefined {
  const known = request.on.length > 0 && request.on.length <= mostChoices && request.on.every((on) => templates.some((one) => one.name === on.split(":")[0]));
  if (!known || (request.count ?? 1) > mostTried) return undefined;
  const { on, project, time_limit, memory_mib, cpu_milli, priority, count, members } = request;
  return JSON.parse(JSON.stringify({ on, project, time_limit, memory_mib, cpu_milli, priority, count, members })) as Tried;
}

function useLate<T>(value: T, wait: number): T {
  const [late, setLate] = useState(value);
  const text = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), wait);
    return () => clearTimeout(timer);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [text, wait]);
  return late;
}

const tryIt = (tried: Tried, signal: AbortSignal): Promise<Trial> => ask("/v1/try", tried, signal);

/** `try`'s answer for the form as it stands, once typing stops. `fresh` says that it is of what is in the form now. */
export function useTrial(tried: Tried | undefined) {
  const late = useLate(tried, 250);
  const query = useQuery({
    queryKey: ["trial", late],
    queryFn: ({ signal }) => tryIt(late!, signal),
    enabled: late !== undefined && has("/v1/try"),
    refetchInterval: again,
    placeholderData: (before) => (late ? before : undefined),
    retry: false,
  });
  const fresh = JSON.stringify(late) === JSON.stringify(tried) && !query.isPlaceholderData;
  return { trial: tried && query.data, fresh, error: query.error };
}

/** When each kind of compute of which nothing is free could be had. */
export function useMenuStarts(templates: Template[]) {
  const on = templates.filter((one) => !one.free).map((one) => one.name).slice(0, mostChoices);
  const query = useQuery({
    queryKey: ["trial", "menu", on],
    queryFn: ({ signal }) => tryIt({ on }, signal),
    enabled: on.length > 0 && has("/v1/try"),
    refetchInterval: 3 * again,
    retry: false,
  });
  return new Map((query.data?.rungs ?? []).map((rung) => [rung.on, rung]));
}
