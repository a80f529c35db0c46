// SPDX-License-Identifier: Apache-2.0
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Attempt, Job } from "../../api/client";
import { Segmented } from "../../parts/form";
import { count, memory } from "../../parts/time";
import { followLog, type LogText } from "./log-reader";

const nothing: LogText = { lines: [], skipped: 0, size: 0, state: "reading" };

/** What an attempt wrote, as it writes: long logs stay fluid because only what is seen is drawn. */
export function JobLog({ job, attempts, attempt, onAttempt }: { job: Job; attempts: Attempt[]; attempt: number; onAttempt: (attempt: number) => void }) {
  const [log, setLog] = useState(nothing);
  const [following, setFollowing] = useState(true);
  const [search, setSearch] = useState("");
  const [hit, setHit] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const began = attempts.some((one) => one.id === `${job.id}.${attempt}`);
  useEffect(() => {
    if (attempt === 0 || !began) return;
    setLog(nothing);
    const reading = new AbortController();
    void followLog(job.id, attempt, reading.signal, setLog);
    return () => reading.abort();
  }, [job.id, attempt, began]);

  const lines = log.lines.at(-1) === "" ? log.lines.slice(0, -1) : log.lines;
  const wanted = search.toLowerCase();
  const hits = useMemo(() => (wanted ? lines.flatMap((line, at) => (line.toLowerCase().includes(wanted) ? [at] : [])) : []), [wanted, lines.length, log]);
  const hitSet = useMemo(() => new Set(hits), [hits]);
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => box.current, estimateSize: () => 19, overscan: 30, paddingStart: 8, paddingEnd: 8 });
  useEffect(() => {
    if (following && !wanted && lines.length) virtual.scrollToIndex(lines.length - 1, { align: "end" });
  }, [following, wanted, lines.length, virtual]);
  const show = (next: number) => {
    if (hits.length === 0) return;
    const at = (next + hits.length) % hits.length;
    setHit(at);
    setFollowing(false);
    virtual.scrollToIndex(hits[at]!, { align: "center" });
  };
  const download = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([log.lines.join("\n")], { type: "text/plain" }));
    link.download = `${job.name}-${job.id}.${attempt}.log`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const status = attempt === 0 ? "nothing yet" : { reading: "reading", following: "following", complete: "complete", broken: "the line broke; trying again" }[log.state];
  return (
    <section className="card log f1" aria-label="Log">
      <div className="ch" style={{ paddingBottom: 9, flexWrap: "wrap" }}>
        <h2>Log</h2>
        {attempts.length > 1 && (
          <Segmented label="Attempt" value={String(attempt)} options={attempts.map((one) => [one.id.split(".")[1]!, `attempt ${one.id.split(".")[1]}`] as const)}
            onChange={(chosen) => onAttempt(Number(chosen))} />
        )}
        <span className={`live ${log.state === "following" && following ? "" : "connecting"}`} style={{ paddingLeft: 6 }}>{status}</span>
        <span className="mut t12">{count(lines.length)} {lines.length === 1 ? "line" : "lines"}</span>
        <span className="grow" />
        {wanted && (
          <span className="t12 mut nw">
            {hits.length ? `${hit + 1} of ${count(hits.length)}` : "not there"}
            <button className="icon" style={{ display: "inline-grid" }} aria-label="The one before" onClick={() => show(hit - 1)}>↑</button>
            <button className="icon" style={{ display: "inline-grid" }} aria-label="The next" onClick={() => show(hit + 1)}>↓</button>
          </span>
        )}
        <input className="in" style={{ width: 190, height: 28 }} type="search" data-search placeholder="Search  /" aria-label="Search the log" value={search}
          onChange={(event) => { setSearch(event.target.value); setHit(0); }}
          onKeyDown={(event) => {
            if (event.key === "Enter") show(event.shiftKey ? hit - 1 : hit + (hitSet.size && box.current ? 1 : 0));
            if (event.key === "Escape") setSearch("");
          }} />
        <button className="btn quiet sm" onClick={download} disabled={lines.length === 0}>Download</button>
      </div>
      <div className="lines-box" ref={box} tabIndex={0} data-log data-testid="log"
        onKeyDown={(event) => event.key === "End" && setFollowing(true)}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          setFollowing(scrollHeight - scrollTop - clientHeight < 30);
        }}>
        {log.skipped > 0 && <div className="hint" style={{ padding: "4px 16px" }}>The first {memory(Math.round(log.skipped / 1048576))} are left out here; nav logs {job.id} has them.</div>}
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => (
            <div key={item.index} className={`line ${hitSet.has(item.index) ? "hit" : ""} ${hits[hit] === item.index ? "here" : ""}`} style={{ transform: `translateY(${item.start}px)` }}>
              {lines[item.index]}
            </div>
          ))}
        </div>
        {lines.length === 0 && log.state !== "reading" && <p className="mut" style={{ padding: "4px 16px" }}>It has written nothing{log.state === "complete" ? "" : " yet"}.</p>}
        {attempt === 0 && <p className="mut" style={{ padding: "4px 16px" }}>What it writes is shown here once it runs.</p>}
      </div>
    </section>
  );
}
