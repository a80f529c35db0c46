// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { all, get, type Job, type JobDetails, type Node, type Pool, type Project, type Team, type Template, type Whoami, type Why } from "./client";

/** The pool with all its nodes: several thousand come in parts. */
async function wholePool(signal: AbortSignal): Promise<Pool> {
  const pool = await get<Pool>("/v1/pool?limit=1000", signal);
  for (let next = pool.next, parts = 0; next && parts < 20; ++parts) {
    const more = await get<Pool>(`/v1/pool?limit=1000&cursor=${encodeURIComponent(next)}`, signal);
    pool.nodes.push(...more.nodes);
    next = more.next;
  }
  // dgx-2 before dgx-10, wherever they joined.
  pool.nodes.sort((a, b) => a.site.localeCompare(b.site) || a.name.localeCompare(b.name, undefined, { numeric: true }));
  return pool;
}

export const useMe = () => useQuery({ queryKey: ["me"], queryFn: () => get<Whoami>("/v1/whoami"), staleTime: Infinity, retry: false });
export const usePool = () => useQuery({ queryKey: ["pool"], queryFn: ({ signal }) => wholePool(signal) });
const kinds = ["slice", "gpus", "cpu"];
/** Small before large: "mig-1g.5gb" before "mig-1g.10gb" before "mig-2g.10gb". */
const bySize = (a: Template, b: Template): number => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.name.localeCompare(b.name, undefined, { numeric: true });
export const useTemplates = () =>
  useQuery({ queryKey: ["templates"], queryFn: async ({ signal }) => (await all<Template>("/v1/templates", 12, signal)).sort(bySize) });
export const useTeams = () => useQuery({ queryKey: ["access", "teams"], queryFn: () => all<Team>("/v1/teams"), staleTime: 60_000 });
export const useProjects = () => useQuery({ queryKey: ["access", "projects"], queryFn: () => all<Project>("/v1/projects"), staleTime: 60_000 });
export const useJob = (id: number) => useQuery({ queryKey: ["job", id], queryFn: ({ signal }) => get<JobDetails>(`/v1/jobs/${id}`, signal), enabled: id > 0 });
export const useWhy = (id: number, wanted: boolean) =>
  useQuery({ queryKey: ["job", id, "why"], queryFn: ({ signal }) => get<Why>(`/v1/jobs/${id}/why`, signal), enabled: wanted, refetchInterval: 5000 });

/** A list shows a gang as its first member: the others, of whom it does not say where they are and since when. */
export const membersOf = (job: Job): Job[] => {
  const { gang } = job;
  if (!gang || job.id !== gang.first) return [job];
  const { node: _, place: __, started: ___, ...alike } = job;
  return [job, ...Array.from({ length: gang.members - 1 }, (_, at) => ({ ...alike, id: job.id + at + 1, gang: { ...gang, rank: at + 1 } }))];
};

/** Jobs that have a place now, by number: whose the vessels are. */
export function useHolders() {
  const query = useQuery({
    queryKey: ["jobs", "holders"],
    queryFn: ({ signal }) => all<Job>("/v1/jobs?state=starting&state=running", 12, signal),
  });
  return useMemo(() => new Map((query.data ?? []).flatMap(membersOf).map((job) => [job.id, job])), [query.data]);
}

/** The job's number in "42.1". */
export const jobOf = (attempt: string): number => Number(attempt.split(".")[0]);

/** How teams are told apart: their place in the order in which they were made, and the team of each project. */
export function useOwners() {
  const teams = useTeams();
  const projects = useProjects();
  return useMemo(() => {
    const order = (teams.data ?? []).map((team) => team.name);
    const team = new Map((projects.data ?? []).map((project) => [project.name, project.team]));
    const indexOf = (name: string | undefined) => (name === undefined ? -1 : order.indexOf(name));
    return {
      order,
      teamOf: (project: string | undefined) => (project === undefined ? undefined : team.get(project)),
      /** "team2", and from the sixth team on the same five again with a notch. */
      classOf: (name: string | undefined) => (indexOf(name) < 0 ? "" : `team${indexOf(name) % 5}`),
      notched: (name: string | undefined) => indexOf(name) >= 5,
    };
  }, [teams.data, projects.data]);
}

export type NodeWithGpus = Node;
