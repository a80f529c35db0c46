// SPDX-License-Identifier: Apache-2.0
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { get } from "../../api/client";
import { Segmented } from "../../parts/form";
import { Failed } from "../../parts/states";
import { Overview } from "./Overview";
import { OwnRange } from "./OwnRange";
import { csvOf, download, type Report } from "./report";
import { ReportTable } from "./ReportTable";
import { lengthOf, ranges, reports, spanOf, type Group, type ReportKind, type ReportsSearch } from "./search";

/** What nobody holds is nobody's: these are of places. */
const ofPlaces = (kind: ReportKind): boolean => kind === "idle" || kind === "stranded";
const usual: Partial<Record<ReportKind, Group>> = { demand: "template", waiting: "template", idle: "node", stranded: "node" };

export function groupOf(kind: ReportKind, by: Group | undefined): Group {
  if (ofPlaces(kind)) return "node";
  return by ?? usual[kind] ?? "team";
}

/** One report over the page's time; asked for anew while the time goes on. */
export function useReport(kind: Exclude<ReportKind, "overview">, search: ReportsSearch, by: Group) {
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

export function ReportsPage() {
  const search = useSearch({ from: "/shell/reports" });
  const navigate = useNavigate({ from: "/reports" });
  const kind = search.report ?? "overview";
  const shown = kind === "overview" ? "usage" : kind;
  const by = groupOf(shown, search.by);
  const query = useReport(shown, search, by);
  const report = query.data;
  const change = (changed: Partial<ReportsSearch>) => void navigate({ search: (before) => ({ ...before, ...changed }) });
  return (
    <>
      <div className="head">
        <h1>Reports</h1>
        <Segmented label="Report" value={kind} options={reports} onChange={(chosen) => change({ report: chosen })} />
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
