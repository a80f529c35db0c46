// SPDX-License-Identifier: Apache-2.0
import { useOwners } from "../../api/queries";
import { Lines } from "../../charts/Lines";
import { numberText } from "../../charts/numbers";
import { Segmented } from "../../parts/form";
import { Empty } from "../../parts/states";
import { clockTime } from "../../parts/time";
import type { Report } from "./report";
import { groups, type Group } from "./search";

const inks = ["--team0", "--team1", "--team2", "--team3", "--team4"];

/** The colour of a row: a team has its own everywhere, others one by their place. */
export function useInks(by: Group): (name: string, at: number) => string {
  const owners = useOwners();
  return (name, at) => {
    const team = by === "team" ? name : by === "project" ? owners.teamOf(name) : undefined;
    const known = team === undefined ? -1 : owners.order.indexOf(team);
    return `var(${inks[(known >= 0 ? known : at) % inks.length]})`;
  };
}

/** The rows of a report with what they are of the largest; unknown is "?". */
export function Rows({ report, by, columns = report.columns }: { report: Report; by: Group; columns?: Report["columns"] }) {
  const ink = useInks(by);
  const main = columns[0]?.name ?? "";
  const most = Math.max(1e-9, ...report.rows.map((row) => row.numbers[main] ?? 0));
  return (
    <table>
      <thead>
        <tr>
          {report.by.map((word) => <th key={word}>{word}</th>)}
          {columns.map(({ name, unit, text }) => <th key={name} className="r" title={text}>{name.replaceAll("_", " ")}{unit && !name.includes("hours") && <span className="mut">, {unit}</span>}</th>)}
          <th style={{ width: "20%" }}><span className="sr">drawn</span></th>
        </tr>
      </thead>
      <tbody>
        {report.rows.map((row, at) => (
          <tr key={row.names.join("/")}>
            {row.names.map((name, n) => (
              <td key={n} className="b nw"><i className="sq" style={{ background: ink(name, at) }} /> {name || <span className="mut">nobody's</span>}</td>
            ))}
            {columns.map(({ name }) => <td key={name} className="r">{row.numbers[name] === undefined ? <span className="mut" title="not measured">?</span> : numberText(row.numbers[name])}</td>)}
            <td>
              <svg width="100%" height="8" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                <rect width="100" height="8" fill="var(--sunk)" />
                <rect width={(100 * (row.numbers[main] ?? 0)) / most} height="8" fill={ink(row.names[0] ?? "", at)} />
              </svg>
            </td>
          </tr>
        ))}
        <tr>
          <td className="b" colSpan={report.by.length}>all</td>
          {columns.map(({ name }) => <td key={name} className="r b">{numberText(report.total.numbers[name])}</td>)}
          <td />
        </tr>
      </tbody>
    </table>
  );
}

/** One report: its main number over time, its rows, and what a reader should know of them. */
export function ReportTable({ report, by, fixed, onBy }: { report: Report; by: Group; fixed: boolean; onBy: (by: Group) => void }) {
  const ink = useInks(by);
  const { chart } = report;
  const lines = chart.groups.map((group, at) => {
    const name = Object.values(group.labels).join(", ");
    return { name: name || "nobody's", ink: ink(name, at), at: group.at, values: group.values };
  });
  return (
    <section className="card scroll f1 col" style={{ padding: "12px 16px", gap: 12 }} aria-label={report.title}>
      <div className="row center">
        <h2>{report.title}</h2>
        <span className="sub t12">{clockTime(report.since)} to {clockTime(report.until)}, {chart.metric.replaceAll("_", " ")} in {chart.unit}</span>
        <span className="grow" />
        {fixed ? <span className="sub t12">by node</span> : <Segmented label="By" value={by} options={groups} onChange={onBy} />}
      </div>
      <div style={{ flex: "none" }}><Lines title={report.title} lines={lines} since={chart.since} until={chart.until} step={chart.step} height={190} unit={chart.unit} /></div>
      {report.rows.length === 0
        ? <Empty title="Nothing to report of this time"><p className="i2">What is held and measured is counted from the first job on.</p></Empty>
        : <Rows report={report} by={by} />}
      {report.notes.map((note) => <p key={note} className="hint">{note}</p>)}
    </section>
  );
}
