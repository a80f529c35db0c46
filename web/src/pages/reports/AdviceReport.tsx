// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import { useOwners, usePool, useTemplates } from "../../api/queries";
import { percent } from "../../charts/numbers";
import { Glyph } from "../../drawing/Footprint";
import { AsCode } from "../../parts/AsCode";
import { Empty, Failed } from "../../parts/states";
import { count, duration, memory } from "../../parts/time";
import { codeOf, freedSlices, heldProfile, lookedAt, partOfProfile, savedAnHour, templateFor, type Advice, type AdviceItem, type useAdvice } from "./advice";
import { ages } from "./search";

/** A profile as it is drawn everywhere: as wide as what it takes of its GPU; without one, the whole GPU. */
function Profile({ name }: { name: string | undefined }) {
  const pool = usePool();
  const part = name === undefined ? undefined : partOfProfile(pool.data, name);
  const of = part?.of ?? pool.data?.boards[0]?.memory_slices ?? 8;
  return (
    <span className="row center nw" style={{ gap: 8 }}>
      <Glyph slices={part?.slices ?? (name ? 0 : of)} of={of} whole={!name} />
      <span className="m">{name ?? "a whole GPU"}</span>
    </span>
  );
}

/** What was in use at most, of what is held. */
function MostMemory({ item }: { item: AdviceItem }) {
  const { most_memory_mib: most, memory_mib: held } = item;
  if (most === undefined) return <span className="mut"><i className="not-measured" /> ? not measured</span>;
  return (
    <span className="row center nw" style={{ gap: 8 }}>
      <svg width="72" height="8" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect width="100" height="8" fill="var(--sunk)" />
        <rect width={Math.max(1, (100 * most) / Math.max(1, held))} height="8" fill="var(--acc)" />
      </svg>
      <span>{memory(most)} <span className="mut">of {memory(held)}</span></span>
    </span>
  );
}

function Owned({ item }: { item: AdviceItem }) {
  const owners = useOwners();
  return (
    <>
      <i className={`sq ${owners.classOf(owners.teamOf(item.project))}`} />{" "}
      <Link to="/jobs/$job" params={{ job: String(item.job) }} className="b">{item.name}</Link>
    </>
  );
}

const WouldDo = ({ item }: { item: AdviceItem }) => (item.kind === "unused" ? <span className="wa2">it does nothing there</span> : <span className="ok2"><Profile name={item.fits} /></span>);

/** The one step that follows: the same job on what would do. */
function Instead({ item }: { item: AdviceItem }) {
  const templates = useTemplates();
  const template = item.fits ? templateFor(item.fits, templates.data ?? []) : undefined;
  if (!item.fits) return <Link className="btn sm" to="/jobs/$job" params={{ job: String(item.job) }}>Look at it</Link>;
  if (!template) return <span className="mut t12 nw" title={`An operator can make a template of ${item.fits} under Admin.`}>no template of {item.fits}</span>;
  return <Link className="btn sm" to="/run" search={{ from: item.job, on: template.name }} aria-label={`Run ${item.name} on ${template.name}`}>On {template.name}…</Link>;
}

function Table({ advice }: { advice: Advice }) {
  const templates = useTemplates().data ?? [];
  const saved = new Map(advice.items.map((item) => [item.job, savedAnHour(item, templates)]));
  const priced = [...saved.values()].some((one) => one !== undefined);
  return (
    <table>
      <thead>
        <tr>
          <th>job</th><th>who</th><th>holds</th><th>most memory</th><th className="r" title="In one of the steps looked at, and on average">busiest, mean</th><th className="r">measured for</th><th>would do</th>
          <th className="r">frees, slices</th>{priced && <th className="r">saves an hour</th>}<th><span className="sr">what can be done</span></th>
        </tr>
      </thead>
      <tbody>
        {advice.items.map((item) => (
          <tr key={item.job} title={item.text}>
            <td className="nw"><Owned item={item} /> <span className="m mut">{item.job}</span></td>
            <td className="nw">{item.user}<span className="mut">, {item.project}</span></td>
            <td title={`${item.on}: ${item.node}, ${item.place}`}><Profile name={heldProfile(item.place)} /></td>
            <td><MostMemory item={item} /></td>
            <td className="r nw">{item.most_activity === undefined ? <span className="mut">? not measured</span> : <>{percent(item.most_activity)} <span className="mut">{percent(item.activity)}</span></>}</td>
            <td className="r nw">{duration(Date.now() * 1000 - item.since)}</td>
            <td><WouldDo item={item} /></td>
            <td className="r nw"><span className="b">{item.saves_slices}</span> <span className="mut">{percent(item.saves)}</span></td>
            {priced && <td className="r b">{saved.get(item.job)?.toFixed(2) ?? <span className="mut">not priced</span>}</td>}
            <td className="r"><Instead item={item} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Who holds more than they were measured to use, with the evidence, and what would do. */
export function AdviceReport({ query, age }: { query: ReturnType<typeof useAdvice>; age: string }) {
  const advice = query.data;
  if (!advice) return query.error ? <Failed error={query.error} again={() => void query.refetch()} /> : <div className="skeleton" style={{ height: 300 }} />;
  const freed = freedSlices(advice);
  return (
    <>
      <section className="card scroll f1 col" aria-label="Advice">
        {advice.items.length === 0 ? (
          <Empty title={advice.looked_at > advice.unknown ? "Nobody holds more than they use" : "There is nothing to advise on yet"}>
            <p className="i2">{lookedAt(advice, age)} Here stand running jobs for which a smaller profile would do, with a tenth to spare, and those that do nothing with what they hold.</p>
            {age !== ages[0][0] && advice.looked_at === 0 && <Link className="btn" to="/reports" search={{ report: "advice", age: ages[0][0] }}>Look at what has run for {ages[0][1]}</Link>}
          </Empty>
        ) : (
          <>
            <div style={{ padding: "12px 14px 6px" }}>
              <p className="reason" data-testid="advice-answer">{count(freed)} memory {freed === 1 ? "slice" : "slices"} could be free</p>
              <p className="sub t12">{lookedAt(advice, age)} Measured since each runs; what would do has a tenth to spare. Programs that take all memory at their start look larger than they are.</p>
            </div>
            <Table advice={advice} />
            <p className="hint" style={{ padding: "8px 14px 12px" }}>Nothing is moved by itself: a job begun anew on less runs beside the one it repeats, until that one is cancelled.</p>
          </>
        )}
      </section>
      <AsCode label="The same question as code" note="the same answer, for scripts" code={codeOf(age, location.origin)} />
    </>
  );
}

const mostShown = 6;

/** The same in short, beside the other reports. */
export function AdviceCard({ query, age }: { query: ReturnType<typeof useAdvice>; age: string }) {
  const advice = query.data;
  const more = (advice?.items.length ?? 0) - mostShown;
  return (
    <section className="card scroll" aria-label="A smaller slice would do">
      <div className="ch">
        <h2 className="nw">A smaller slice would do</h2>
        {advice && advice.items.length > 0 && <span className="sub t12 cut-off">{count(freedSlices(advice))} memory slices could be free</span>}
        <span className="grow" />
        <Link className="link t12" from="/reports" to="/reports" search={(before) => ({ ...before, report: "advice" as const })}>Evidence</Link>
      </div>
      {query.error && !advice ? <p className="hint" style={{ padding: "0 14px 12px" }}>{query.error.message}</p>
      : !advice ? null
      : advice.items.length === 0 ? <p className="hint" style={{ padding: "0 14px 12px" }}>{advice.looked_at > advice.unknown && "Nobody holds more than they use. "}{lookedAt(advice, age)}</p>
      : (
        <table>
          <thead><tr><th>job</th><th>holds</th><th>would do</th><th className="r">frees</th></tr></thead>
          <tbody>
            {advice.items.slice(0, mostShown).map((item) => (
              <tr key={item.job} title={item.text}>
                <td className="cut-off" style={{ maxWidth: 150 }}><Owned item={item} /></td>
                <td className="m nw">{heldProfile(item.place) ?? "whole GPU"}</td>
                <td className="nw">{item.kind === "unused" ? <span className="wa2">does nothing</span> : <span className="m ok2">{item.fits}</span>}</td>
                <td className="r b">{item.saves_slices}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {more > 0 && <p className="hint" style={{ padding: "0 14px 12px" }}>and {count(more)} more</p>}
    </section>
  );
}
