// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQueryClient, type InfiniteData } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { get, type Job } from "../../api/client";
import { useOwners, usePool, useTemplates } from "../../api/queries";
import { Footprint } from "../../drawing/Footprint";
import { GangChip } from "../../parts/Gang";
import { JobPill } from "../../parts/JobPill";
import { FirstSteps } from "../../parts/FirstSteps";
import { Empty, Failed } from "../../parts/states";
import { clockTime, count, duration } from "../../parts/time";
import { isTyping } from "../../shell/keys";
import { mostPagesKeptTrue } from "../../api/refresh";
import { nameOfRung } from "../run/rung";
import { queryOf, states, type JobsSearch } from "./search";

const columns = { gridTemplateColumns: "62px minmax(120px, 2fr) minmax(120px, 1.4fr) minmax(90px, 1fr) minmax(150px, 1.6fr) minmax(120px, 1.4fr) 92px 74px" };
const heads = ["number", "name", "state", "who", "compute", "where", "submitted", "ran"];

type Part = { items: Job[]; next?: string };
type PartAsked = { limit: number; cursor: string };

function Filters({ search, onChange }: { search: JobsSearch; onChange: (changed: Partial<Record<keyof JobsSearch, string>>) => void }) {
  const templates = useTemplates();
  const pool = usePool();
  const chosen = new Set(search.state?.split(",") ?? []);
  const [name, setName] = useState(search.name ?? "");
  useEffect(() => setName(search.name ?? ""), [search.name]);
  useEffect(() => {
    if (name === (search.name ?? "")) return;
    const typed = setTimeout(() => onChange({ name }), 250);
    return () => clearTimeout(typed);
  });
  const waiting = pool.data?.job_states.queued;
  return (
    <div className="filters">
      <input className="in" style={{ width: 190 }} data-search type="search" placeholder="Part of a name  /" aria-label="Part of a name" value={name} onChange={(event) => setName(event.target.value)} />
      <div className="seg" role="group" aria-label="State">
        {states.map((state) => (
          <button key={state} type="button" aria-pressed={chosen.has(state)}
            onClick={() => onChange({ state: states.filter((one) => (one === state ? !chosen.has(one) : chosen.has(one))).join(",") })}>
            {state === "queued" ? `waits${waiting ? ` ${count(waiting)}` : ""}` : state === "succeeded" ? "done" : state}
          </button>
        ))}
      </div>
      <select className="in" aria-label="Compute" value={search.on ?? ""} onChange={(event) => onChange({ on: event.target.value })}>
        <option value="">any compute</option>
        {templates.data?.map((template) => <option key={template.name}>{template.name}</option>)}
      </select>
      <select className="in" aria-label="Node" value={search.node ?? ""} onChange={(event) => onChange({ node: event.target.value })}>
        <option value="">any node</option>
        {pool.data?.nodes.map((node) => <option key={node.id}>{node.name}</option>)}
      </select>
      <input className="in" style={{ width: 110 }} placeholder="who" aria-label="Who" defaultValue={search.user ?? ""} key={search.user ?? ""}
        onBlur={(event) => event.target.value !== (search.user ?? "") && onChange({ user: event.target.value })}
        onKeyDown={(event) => event.key === "Enter" && onChange({ user: event.currentTarget.value })} />
      {search.gang && <button className="btn sm" title="Show others too" onClick={() => onChange({ gang: "" })}>members of gang {search.gang} ×</button>}
      {Object.keys(search).length > 0 && <button className="btn quiet sm" onClick={() => onChange({ state: "", name: "", user: "", project: "", on: "", node: "", gang: "" })}>Clear</button>}
    </div>
  );
}

function Row({ job, team, teamClass, apart }: { job: Job; team: string | undefined; teamClass: string; apart: boolean }) {
  const ran = job.started === undefined ? "" : duration((job.ended ?? Date.now() * 1000) - job.started);
  return (
    <>
      <span role="cell" className="m mut">{job.id}</span>
      <span role="cell" className="row center" style={{ gap: 8 }}>
        <Link to="/jobs/$job" params={{ job: String(job.id) }} className="b cut-off">{job.name}</Link>
        {job.gang && <GangChip gang={job.gang} one={apart} />}
      </span>
      <span role="cell" className="cut-off"><JobPill job={job} /></span>
      <span role="cell" className="cut-off" title={team}><i className={`sq ${teamClass}`} /> {job.user}</span>
      <span role="cell" className="row center" style={{ gap: 8 }}>
        <Footprint template={job.on ?? nameOfRung(job.wanted[0] ?? "")} />
        <span className="m cut-off">{job.on ?? job.wanted.map(nameOfRung).join(", ")}</span>
      </span>
      <span role="cell" className="cut-off i2">{job.node ? `${job.node}, ${job.place}` : ""}</span>
      <span role="cell" className="mut nw cut-off">{clockTime(job.submitted)}</span>
      <span role="cell" className="r nw">{ran}</span>
    </>
  );
}

export function JobsPage() {
  const search = useSearch({ from: "/shell/jobs" });
  const navigate = useNavigate({ from: "/jobs" });
  const owners = useOwners();
  const query = queryOf(search);
  const list = useInfiniteQuery({
    queryKey: ["jobs-list", query],
    queryFn: ({ pageParam: { limit, cursor }, signal }) =>
      get<Part>(`/v1/jobs?limit=${limit}${query && `&${query}`}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, signal),
    initialPageParam: { limit: 200, cursor: "" } as PartAsked,
    // Whoever reads so far down reads on: what is not read anew at each event comes in larger parts.
    getNextPageParam: ({ next }, parts): PartAsked | undefined => (next ? { limit: parts.length < mostPagesKeptTrue ? 200 : 1000, cursor: next } : undefined),
    // Holding each part that comes against all that were read before would take longer than drawing the rows that are seen.
    structuralSharing: false,
  });
  const client = useQueryClient();
  // Back at the top, what was read of the past is let go, and the list is kept true again.
  const backToTop = () => {
    setHeld(undefined);
    if ((list.data?.pages.length ?? 0) <= mostPagesKeptTrue) return;
    client.setQueryData<InfiniteData<Part, PartAsked>>(["jobs-list", query], (before) =>
      before && { pages: before.pages.slice(0, 1), pageParams: before.pageParams.slice(0, 1) });
    void list.refetch();
  };
  const body = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(-1);
  // New jobs would push rows away under the pointer: while somebody reads further down they wait on top.
  const [held, setHeld] = useState<number>();
  const all = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const fresh = held === undefined ? 0 : Math.max(0, all.findIndex((job) => job.id <= held));
  const rows = useMemo(() => (fresh === 0 ? all : all.slice(fresh)), [all, fresh]);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => body.current, estimateSize: () => 34, overscan: 16 });
  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastShown >= rows.length - 40) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, lastShown, rows.length]);

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key === "j" || event.key === "k") {
        const next = Math.max(0, Math.min(rows.length - 1, at + (event.key === "j" ? 1 : -1)));
        setAt(next);
        virtual.scrollToIndex(next);
      } else if (event.key === "Enter" && rows[at] && document.activeElement === document.body) void navigate({ to: "/jobs/$job", params: { job: String(rows[at]!.id) } });
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });

  const change = (changed: Partial<Record<keyof JobsSearch, string>>) => {
    setHeld(undefined);
    void navigate({ search: (before) => Object.fromEntries(Object.entries({ ...before, ...changed }).filter(([, value]) => value)) as JobsSearch, replace: true });
  };
  const filtered = Object.keys(search).length > 0;
  // Then the members are told one by one; elsewhere a gang is its first.
  const apart = Boolean(search.gang ?? search.node);
  return (
    <>
      <div className="head">
        <h1>Jobs</h1>
        <span className="sub">
          new to old{rows.length > 0 && `, ${count(rows.length)}${hasNextPage ? " read so far" : ""}`}
          {(list.data?.pages.length ?? 0) > mostPagesKeptTrue && `, as of ${clockTime(list.dataUpdatedAt * 1000)}`}
        </span>
        <span className="grow" />
        <Link className="btn" to="/services">Workspaces and endpoints</Link>
        <Link className={rows.length > 0 || filtered ? "btn pri" : "btn"} to="/run">Run a job</Link>
      </div>
      <Filters search={search} onChange={change} />
      {list.error && !list.data ? <Failed error={list.error} again={() => void list.refetch()} /> : (
        <div className="card grid-table" role="table" aria-label="Jobs">
          <div className="g-head" role="row" style={columns}>
            {heads.map((word, column) => <span key={word} role="columnheader" className={column === 7 ? "r" : ""}>{word}</span>)}
          </div>
          <div className="g-body" ref={body} role="rowgroup" tabIndex={0} data-testid="jobs"
            onScroll={(event) => {
              const away = event.currentTarget.scrollTop > 40;
              if (away && held === undefined) setHeld(all[0]?.id);
              else if (!away && held !== undefined) backToTop();
            }}>
            {fresh > 0 && (
              <button className="btn sm" style={{ position: "sticky", top: 6, left: "50%", zIndex: 2, boxShadow: "var(--pop)" }} onClick={() => body.current?.scrollTo({ top: 0 })}>
                {count(fresh)} new
              </button>
            )}
            <div style={{ height: virtual.getTotalSize() }} role="presentation">
              {items.map((item) => {
                const job = rows[item.index]!;
                const team = owners.teamOf(job.project);
                return (
                  <div key={job.id} role="row" className={`g-row ${item.index === at ? "on" : ""}`} style={{ ...columns, transform: `translateY(${item.start}px)` }}>
                    <Row job={job} team={team} teamClass={owners.classOf(team)} apart={apart} />
                  </div>
                );
              })}
            </div>
            {list.data && all.length === 0 && (
              <Empty title={filtered ? "No job is like that" : "No job has been run yet"}>
                <p className="i2">{filtered ? `Nothing fits ${Object.entries(search).map(([field, value]) => `${field} ${value}`).join(", ")}.` : "Jobs are listed here, new to old, those that are over included."}</p>
                {filtered ? <button className="btn" onClick={() => change({ state: "", name: "", user: "", project: "", on: "", node: "", gang: "" })}>Clear the filters</button>
                : <FirstSteps />}
              </Empty>
            )}
          </div>
        </div>
      )}
    </>
  );
}
