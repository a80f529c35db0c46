// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { get, type Event } from "../../api/client";
import { Failed } from "../../parts/states";
import { clockTime } from "../../parts/time";

/** "TokenMade" as "token made". */
export const kindWords = (kind: string): string => kind.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();

export function AuditPart() {
  const [text, setText] = useState("");
  const trail = useInfiniteQuery({
    queryKey: ["access", "audit"],
    queryFn: ({ pageParam }) => get<{ items: Event[]; next?: string }>(`/v1/audit?limit=200${pageParam && `&cursor=${encodeURIComponent(pageParam)}`}`),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  if (!trail.data) return trail.error ? <Failed error={trail.error} /> : null;
  const wanted = text.toLowerCase();
  const events = trail.data.pages.flatMap((page) => page.items).filter((event) => !wanted || JSON.stringify(event).toLowerCase().includes(wanted));
  return (
    <section className="card scroll f1" aria-label="Audit">
      <div className="ch">
        <h2>What people did</h2>
        <span className="sub t12">new to old; nobody can change it</span>
        <span className="grow" />
        <input className="in" style={{ width: 220, height: 28 }} type="search" data-search aria-label="Search" placeholder="Who, what or which  /" value={text} onChange={(event) => setText(event.target.value)} />
      </div>
      <table>
        <thead><tr><th className="r">number</th><th>when</th><th>who</th><th>what</th><th>about</th></tr></thead>
        <tbody>
          {events.map((event) => (
            <tr key={event.sequence}>
              <td className="m mut r">{event.sequence}</td>
              <td className="nw mut">{clockTime(event.at, true)}</td>
              <td className="b nw">{event.by ?? "OpenNav itself"}</td>
              <td className="nw">{kindWords(event.kind)}</td>
              <td className="m i2" style={{ overflowWrap: "anywhere", fontSize: 11 }}>{JSON.stringify(event.body).slice(0, 260)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {trail.hasNextPage && <div style={{ padding: 12 }}><button className="btn" onClick={() => void trail.fetchNextPage()}>Older</button></div>}
    </section>
  );
}
