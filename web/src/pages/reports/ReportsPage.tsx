// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { get } from "../../api/client";
import { Segmented } from "../../parts/form";
import { Failed } from "../../parts/states";
import { csvOfAdvice, useAdvice } from "./advice";
import { AdviceReport } from "./AdviceReport";
import { Overview } from "./Overview";
import { OwnRange } from "./OwnRange";
import { csvOf, download, type Report } from "./report";
import { ReportTable } from "./ReportTable";
import { ages, lengthOf, ranges, reports, spanOf, usualAge, type Group, type ReportKind, type ReportsSearch } from "./search";

/** What nobody holds is nobody's: these are of places. */
const ofPlaces = (kind: ReportKind): boolean => kind === "idle" || kind === "stranded";
const usual: Partial<Record<ReportKind, Group>> = { demand: "template", waiting: "template", idle: "node", stranded: "node" };

export function groupOf(kind: ReportKind, by: Group | undefined): Group {
  if (ofPlaces(kind)) return "node";
  return by ?? usual[kind] ?? "team";
}

/** One report over the page's time; asked for anew while the time goes on. */
export function useReport(kind: Exclude<ReportKind, "overview" | "advice">, search: ReportsSearch, by: Group) {
  const { range = "24h", since, until } = search;
  return useQuery({
    queryKey: ["metrics", "report", kind, by, since ?? range, until],
    queryFn: ({ signal }) => {
      const span = spanOf(search);
      // What people compare is the time they asked for, to the minute or to now; only charts begin at whole steps.
      const from = span.moving ? Math.round(span.until - lengthOf(range)) : span.since;
      return get<Report>(`/v1/reports/${kind}?since=${from}&until=${span.until}&by=${by}`, signal);
    },
    refetchInterval: since ? false : 15_000,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** Advice is on what runs now: it has an age in the place of a range. */
function Advised({ search, kinds, onChange }: { search: ReportsSearch; kinds: ReactNode; onChange: (changed: Partial<ReportsSearch>) => void }) {
  const age = search.age ?? usualAge;
  const query = useAdvice(age);
  return (
    <>
      <div className="head">
        {kinds}
        <span className="grow" />
        <span className="sub t12">running for at least</span>
        <Segmented label="Running for at least" value={age} options={ages} onChange={(chosen) => onChange({ age: chosen })} />
        <button className="btn" disabled={!query.data?.items.length} onClick={() => download("advice.csv", csvOfAdvice(query.data!))}>Export CSV</button>
      </div>
      <AdviceReport query={query} age={age} />
    </>
  );
}

export function ReportsPage() {
  const search = useSearch({ from: "/shell/reports" });
  const navigate = useNavigate({ from: "/reports" });
  const kind = search.report ?? "overview";
  const change = (changed: Partial<ReportsSearch>) => void navigate({ search: (before) => ({ ...before, ...changed }) });
  const kinds = (
    <>
      <h1>Reports</h1>
      <Segmented label="Report" value={kind} options={reports} onChange={(chosen) => change({ report: chosen })} />
    </>
  );
  return kind === "advice" ? <Advised search={search} kinds={kinds} onChange={change} /> : <Reported kind={kind} search={search} kinds={kinds} onChange={change} />;
}

/** A report of a time. */
function Reported({ kind, search, kinds, onChange: change }: { kind: Exclude<ReportKind, "advice">; search: ReportsSearch; kinds: ReactNode; onChange: (changed: Partial<ReportsSearch>) => void }) {
  const navigate = useNavigate({ from: "/reports" });
  const shown = kind === "overview" ? "usage" : kind;
  const by = groupOf(shown, search.by);
  const query = useReport(shown, search, by);
  const report = query.data;
  return (
    <>
      <div className="head">
        {kinds}
        <span className="grow" />
        <Segmented label="Range" value={search.since ? "own" : search.range ?? "24h"} options={ranges}
          onChange={(chosen) => void navigate({ search: ({ since: _, until: __, ...rest }) => ({ ...rest, range: chosen }) })} />
        <OwnRange search={search} onChange={change} />
        <button className="btn" disabled={!report} onClick={() => download(`${shown}-by-${by}.csv`, csvOf(report!))}>Export CSV</button>
      </div>
      {query.error && !report ? <Failed error={query.error} again={() => void query.refetch()} />
      : !report ? <div className="skeleton" style={{ height: 300 }} />
      : kind === "overview" ? <Overview search={search} usage={report} by={by} onChange={change} />
      : <ReportTable report={report} by={by} fixed={ofPlaces(kind)} onBy={(chosen) => change({ by: chosen })} />}
    </>
  );
}
