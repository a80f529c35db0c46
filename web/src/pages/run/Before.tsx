// SPDX-License-Identifier: Apache-2.0
import type { Template } from "../../api/client";
import { useLive } from "../../api/live";
import { Glyph, partOf } from "../../drawing/Footprint";
import { usePool } from "../../api/queries";
import { count } from "../../parts/time";
import type { Draft } from "./draft";

/** What the pool says now, in one sentence: the first choice that has room, or that it will wait. */
function sentenceOf(draft: Draft, templates: Template[], wanted: number): { title: string; text: string; template?: Template } {
  if (draft.on.length === 0) return { title: "Pick what it runs on", text: "The menu says what is free this moment." };
  const rungs = draft.on.map(({ name }) => templates.find((one) => one.name === name));
  const at = rungs.findIndex((template) => (template?.free ?? 0) > 0);
  if (at < 0) {
    const first = rungs.find((template) => template !== undefined);
    return { title: "It will wait", text: "Nothing in its list is free this moment. Its page will say what it waits for, and who holds that.", ...(first ? { template: first } : {}) };
  }
  const template = rungs[at]!;
  const nth = ["first", "second", "third"][at] ?? `${at + 1}th`;
  const free = template.free ?? 0;
  const enough = free >= wanted;
  return {
    title: enough ? (at === 0 ? "There is room now" : `Room on its ${nth} choice`) : `Room for ${count(free)} of ${count(wanted)}`,
    text: `${count(free)} ${free === 1 ? "place is" : "places are"} free for ${template.name}, the ${nth} choice${enough ? "" : "; the others wait or take what comes next in the list"}.`,
    template,
  };
}

/** What will happen, before one presses. It is what is free now: somebody may be quicker. */
export function Before({ draft, templates, busy, onRun }: { draft: Draft; templates: Template[]; busy: boolean; onRun: () => void }) {
  const live = useLive();
  const pool = usePool();
  const wanted = Math.max(1, Number(draft.count) || 1);
  const { title, text, template } = sentenceOf(draft, templates, wanted);
  const part = template ? partOf(template, pool.data?.boards ?? []) : undefined;
  const lost = live.state === "lost";
  return (
    <section className="card answer" aria-label="Before you press Run">
      <div>
        <span className="pill ok">before you press Run</span>
        <h1 style={{ marginTop: 6 }} data-testid="before">{title}</h1>
        <p className="i2">{text}</p>
      </div>
      {part && (
        <div>
          <div className="gpu" style={{ "--n": part.of, "--h": "52px" } as React.CSSProperties} aria-hidden="true">
            <span className={`v mine ${part.slices * 8 <= part.of ? "n1" : ""}`} style={{ gridColumn: `1 / span ${part.slices}` }}><b>{part.slices * 8 <= part.of ? template!.profile!.split(".")[0] : template!.profile}</b><u>yours</u></span>
            {Array.from({ length: part.of - part.slices }, (_, at) => <span key={at} className="v fr" style={{ gridColumn: part.slices + at + 1 }} />)}
          </div>
          <p className="hint">{part.slices} of the {part.of} memory slices of a GPU. Where on which GPU is decided when it starts.</p>
        </div>
      )}
      {template?.kind === "gpus" && <Glyph slices={8} of={8} whole />}
      {template && (
        <div className="triple">
          <div><div className="mut t12">Processors</div><div className="b">{Number(draft.cpus) || template.cpu_milli / 1000}</div></div>
          <div><div className="mut t12">Memory</div><div className="b">{draft.memory || `${Math.round(template.memory_mib / 1024)} GiB`}</div></div>
          <div><div className="mut t12">Stops</div><div className="b">{draft.timeLimit ? `after ${draft.timeLimit}` : "when done"}</div></div>
        </div>
      )}
      <div className="row" style={{ marginTop: "auto" }}>
        <button type="button" className="btn pri f1" style={{ height: 36 }} disabled={busy || lost} title={lost ? "Not connected: it comes back by itself" : undefined} onClick={onRun}>
          {wanted > 1 ? `Run ${count(wanted)}` : "Run"} <kbd>Ctrl ↵</kbd>
        </button>
      </div>
    </section>
  );
}
