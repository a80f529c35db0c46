// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Dialog } from "../../parts/dialog";
import { Field } from "../../parts/form";
import { clockTime } from "../../parts/time";
import { spanOf, type ReportsSearch } from "./search";

const two = (n: number) => String(n).padStart(2, "0");
/** "2026-11-22T10:04" of a clock on the wall here, for the browser's own field. */
const local = (us: number) => {
  const at = new Date(us / 1000);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
};
const utc = (text: string) => new Date(text).toISOString().slice(0, 16);

/** A range of one's own: from when to when. */
export function OwnRange({ search, onChange }: { search: ReportsSearch; onChange: (changed: Partial<ReportsSearch>) => void }) {
  const [open, setOpen] = useState(false);
  const span = spanOf(search);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const wrong = from && to && from >= to ? "It ends before it begins." : undefined;
  return (
    <>
      <button className="btn" onClick={() => { setFrom(local(span.since)); setTo(local(span.until)); setOpen(true); }}>
        {search.since ? `${clockTime(span.since)} to ${clockTime(span.until)}` : "Range…"}
      </button>
      {open && (
        <Dialog title="A range of your own" onClose={() => setOpen(false)}
          foot={<button className="btn pri" disabled={!from || !to || Boolean(wrong)} onClick={() => { onChange({ since: utc(from), until: utc(to) }); setOpen(false); }}>Show it</button>}>
          <div className="fields">
            <Field label="From">{(field) => <input {...field} type="datetime-local" className="in" value={from} onChange={(event) => setFrom(event.target.value)} />}</Field>
            <Field label="To" error={wrong}>{(field) => <input {...field} type="datetime-local" className="in" value={to} onChange={(event) => setTo(event.target.value)} />}</Field>
          </div>
        </Dialog>
      )}
    </>
  );
}
