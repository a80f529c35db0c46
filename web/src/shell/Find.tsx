// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { get, type Job } from "../api/client";
import { has } from "../api/paths";
import { usePool, useTemplates } from "../api/queries";
import { Footprint } from "../drawing/Footprint";

interface Hit {
  key: string;
  kind: string;
  word: string;
  more: string;
  to: string;
  template?: string;
}

const pages: Hit[] = [
  { key: "run", kind: "do", word: "Run a job", more: "", to: "/run" },
  { key: "pool", kind: "go to", word: "Pool", more: "", to: "/pool" },
  { key: "jobs", kind: "go to", word: "Jobs", more: "", to: "/jobs" },
  { key: "wait", kind: "go to", word: "Jobs that wait", more: "", to: "/jobs?state=queued" },
  ...(has("/v1/flow-runs") ? [{ key: "flows", kind: "go to", word: "Flows", more: "", to: "/flows" }, { key: "edit", kind: "do", word: "Make a flow", more: "", to: "/flows/edit" }] : []),
  { key: "services", kind: "go to", word: "Workspaces and endpoints", more: "notebooks, models that answer", to: "/services" },
  { key: "notebook", kind: "do", word: "Start a notebook", more: "Jupyter on a slice", to: "/run?kind=workspace" },
  ...(has("/v1/flow-schedules") ? [{ key: "schedules", kind: "go to", word: "Schedules", more: "flows that run by themselves", to: "/flows/schedules" }] : []),
  ...(has("/v1/experiments") ? [{ key: "trials", kind: "go to", word: "Experiments", more: "", to: "/trials" }] : []),
  ...(has("/v1/reports/{report}") ? [{ key: "reports", kind: "go to", word: "Reports", more: "", to: "/reports" }] : []),
  ...(has("/v1/report-schedules") ? [{ key: "report-schedules", kind: "go to", word: "Scheduled reports", more: "made again and again", to: "/admin/reports" }] : []),
  { key: "nodes", kind: "do", word: "Add a node", more: "", to: "/admin/nodes" },
  { key: "tokens", kind: "do", word: "Make a token", more: "", to: "/admin/tokens" },
];

/** Find or do: jobs by number or name, nodes, templates, pages. */
export function Find({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const navigate = useNavigate();
  const pool = usePool();
  const templates = useTemplates();
  const wanted = text.trim().toLowerCase();
  const jobs = useQuery({
    queryKey: ["jobs", "find", wanted],
    queryFn: ({ signal }) => get<{ items: Job[] }>(`/v1/jobs?limit=8&name=${encodeURIComponent(wanted)}`, signal),
    enabled: wanted.length > 1,
    placeholderData: (before) => before,
  });

  const hits = useMemo(() => {
    const has = (word: string) => word.toLowerCase().includes(wanted);
    const out: Hit[] = [];
    if (/^\d+$/.test(wanted)) out.push({ key: `job${wanted}`, kind: "job", word: wanted, more: "open this job", to: `/jobs/${wanted}` });
    if (wanted.length > 1)
      for (const job of jobs.data?.items ?? [])
        out.push({ key: `job${job.id}`, kind: "job", word: job.name, more: `${job.gang ? `${job.gang.members} members, ` : ""}${job.id}, ${job.state}, ${job.user}`, to: `/jobs/${job.id}` });
    for (const node of pool.data?.nodes ?? [])
      if (wanted && has(node.name)) out.push({ key: node.id, kind: "node", word: node.name, more: `${node.gpus.length} GPUs, ${node.state}`, to: `/pool?sel=${node.name}` });
    for (const template of templates.data ?? [])
      if (wanted && has(template.name))
        out.push({ key: template.name, kind: "template", word: template.name, more: `${template.free ?? 0} free`, to: `/run?on=${encodeURIComponent(template.name)}`, template: template.name });
    for (const page of pages) if (has(page.word)) out.push(page);
    return out.slice(0, 14);
  }, [wanted, jobs.data, pool.data, templates.data]);

  useEffect(() => setChosen(0), [wanted]);
  const open = (hit: Hit | undefined) => {
    if (!hit) return;
    onClose();
    void navigate({ href: hit.to });
  };
  return (
    <div className="veil" onMouseDown={(event) => event.target === event.currentTarget && onClose()}>
      <div className="dialog" role="dialog" aria-label="Find or do">
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls="found"
          aria-activedescendant={hits[chosen] ? `hit-${chosen}` : undefined}
          placeholder="A job, slice, node, template, or what to do"
          aria-label="Find or do"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape") onClose();
            else if (event.key === "ArrowDown") setChosen((at) => Math.min(at + 1, hits.length - 1));
            else if (event.key === "ArrowUp") setChosen((at) => Math.max(at - 1, 0));
            else if (event.key === "Enter") open(hits[chosen]);
            else return;
            event.preventDefault();
          }}
        />
        <ul className="found" id="found" role="listbox" aria-label="What was found">
          {hits.map((hit, at) => (
            <li key={hit.kind + hit.key} id={`hit-${at}`} role="option" aria-selected={at === chosen} onMouseMove={() => setChosen(at)} onClick={() => open(hit)}>
              <span className="mut t11" style={{ width: 56 }}>{hit.kind}</span>
              {hit.template && <Footprint template={hit.template} />}
              <span className="b cut-off">{hit.word}</span>
              <span className="grow" />
              <span className="mut t12 nw">{hit.more}</span>
            </li>
          ))}
          {hits.length === 0 && <li className="mut">Nothing by that name that you may see.</li>}
        </ul>
      </div>
    </div>
  );
}
