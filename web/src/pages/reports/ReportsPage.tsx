// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { get } from "../../api/client";
import { useOwners } from "../../api/queries";
import { Segmented } from "../../parts/form";
import { Empty, Failed } from "../../parts/states";
import { clockTime } from "../../parts/time";
import { scaleOf, ticksOf } from "../job/scale";
import { csvOf, numberText, runsOf, type Report } from "./report";
import { groups, lengthOf, ranges, reports } from "./search";

const width = 1000;
const height = 180;
const inks = ["--team0", "--team1", "--team2", "--team3", "--team4"];

/** The main number over time: one line a group, broken where nothing is known. */
function Chart({ report, colourOf }: { report: Report; colourOf: (name: string, at: number) => string }) {
  const { chart } = report;
  const most = Math.max(1e-9, ...chart.groups.flatMap((group) => group.values));
  const x = scaleOf(chart.since, chart.until, 0, width - 60);
  const y = (value: number) => height - 20 - (value / most) * (height - 34);
  if (chart.groups.length === 0) return null;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} width="100%" role="img" aria-label={`${report.title} over time, at most ${numberText(most)} ${chart.unit}`}>
      {[0, 0.5, 1].map((share) => (
        <g key={share}>
          <path d={`M0 ${y(most * share)}H${width - 60}`} stroke="var(--line)" />
          <text x={width - 54} y={y(most * share) + 4}>{numberText(most * share)}</text>
        </g>
      ))}
      {ticksOf(chart.since, chart.until, 6).map((tick) => <text key={tick} x={x(tick)} y={height - 4}>{clockTime(tick)}</text>)}
      {chart.groups.map((group, at) =>
        runsOf(group.at, group.values, chart.step).map((run) => (
          <path key={`${at}-${run[0]![0]}`} fill="none" strokeWidth="1.5" stroke={colourOf(Object.values(group.labels).join(", "), at)}
            d={run.map(([time, value], n) => `${n ? "L" : "M"}${x(time).toFixed(1)} ${y(value).toFixed(1)}`).join("")} />
        )),
      )}
      <text x="0" y="10">{chart.unit}</text>
    </svg>
  );
}

export function ReportsPage() {
  const search = useSearch({ from: "/shell/reports" });
  const navigate = useNavigate({ from: "/reports" });
  const owners = useOwners();
  const { report: kind = "usage", range = "24h", by = "team" } = search;
  const query = useQuery({
    queryKey: ["metrics", "report", kind, range, by],
    queryFn: ({ signal }) => {
      const to = Date.now() * 1000;
      return get<Report>(`/v1/reports/${kind}?since=${Math.round(to - lengthOf(range))}&until=${Math.round(to)}&by=${by}`, signal);
    },
    refetchInterval: 15_000,
    placeholderData: (before) => before,
    retry: false,
  });
  const report = query.data;
  const main = report?.columns[0]?.name ?? "";
  const most = Math.max(1e-9, ...(report?.rows ?? []).map((row) => row.numbers[main] ?? 0));
  const colourOf = (name: string, at: number) => {
    const known = by === "team" ? owners.order.indexOf(name) : -1;
    return `var(${inks[(known >= 0 ? known : at) % inks.length]})`;
  };
  const download = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([csvOf(report!)], { type: "text/csv" }));
    link.download = `${kind}-by-${by}.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <>
      <div className="head">
        <h1>Reports</h1>
        <Segmented label="Report" value={kind} options={reports} onChange={(chosen) => void navigate({ search: { ...search, report: chosen } })} />
        <span className="grow" />
        <Segmented label="Range" value={range} options={ranges} onChange={(chosen) => void navigate({ search: { ...search, range: chosen } })} />
        <button className="btn" disabled={!report} onClick={download}>Export CSV</button>
      </div>
      {query.error && !report ? <Failed error={query.error} again={() => void query.refetch()} /> : !report ? <div className="skeleton" style={{ height: 300 }} /> : (
        <section className="card scroll f1 col" style={{ padding: "12px 16px", gap: 12 }} aria-label={report.title}>
          <div className="row center">
            <h2>{report.title}</h2>
            <span className="sub t12">{clockTime(report.since)} to {clockTime(report.until)}</span>
            <span className="grow" />
            <Segmented label="By" value={by} options={groups} onChange={(chosen) => void navigate({ search: { ...search, by: chosen } })} />
          </div>
          <Chart report={report} colourOf={colourOf} />
          {report.rows.length === 0 ? <Empty title="Nothing to report yet"><p className="i2">What is held and measured is counted from the first job on.</p></Empty> : (
            <table>
              <thead>
                <tr>
                  {report.by.map((word) => <th key={word}>{word}</th>)}
                  {report.columns.map((column) => <th key={column.name} className="r" title={column.text}>{column.name.replaceAll("_", " ")}{column.unit && <span className="mut"> {column.unit}</span>}</th>)}
                  <th style={{ width: "22%" }}><span className="sr">share</span></th>
                </tr>
              </thead>
              <tbody>
                {report.rows.map((row, at) => (
                  <tr key={row.names.join("/")}>
                    {row.names.map((name, n) => <td key={n} className="b">{name || <span className="mut">nobody's</span>}</td>)}
                    {report.columns.map(({ name }) => <td key={name} className="r">{numberText(row.numbers[name])}</td>)}
                    <td>
                      <svg width="100%" height="8" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                        <rect width="100" height="8" fill="var(--sunk)" />
                        <rect width={(100 * (row.numbers[main] ?? 0)) / most} height="8" fill={colourOf(row.names.join(", "), at)} />
                      </svg>
                    </td>
                  </tr>
                ))}
                <tr>
                  <td className="b" colSpan={report.by.length}>all</td>
                  {report.columns.map(({ name }) => <td key={name} className="r b">{numberText(report.total.numbers[name])}</td>)}
                  <td />
                </tr>
              </tbody>
            </table>
          )}
          {report.notes.map((note) => <p key={note} className="hint">{note}</p>)}
        </section>
      )}
    </>
  );
}
