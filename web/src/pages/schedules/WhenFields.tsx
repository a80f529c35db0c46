// SPDX-License-Identifier: Apache-2.0
import { useId } from "react";
import { Field } from "../../parts/form";
import { cronWords } from "./cron-words";
import { knownZones } from "./zoned";

const often = [["@hourly", "hourly"], ["30 2 * * *", "daily"], ["30 2 * * mon-fri", "working days"], ["30 2 * * sun", "weekly"], ["30 2 1 * *", "monthly"]] as const;
const cronHint = "minute hour day month weekday, as 30 2 * * mon-fri or */15 8-18 * * *";

/** When something comes again and again, and by whose clock; told in words as it is typed. */
export function WhenFields({ cron, zone, wrongs, verb = "Runs", onCron, onZone }: {
  cron: string;
  zone: string;
  wrongs: { cron?: string | undefined; time_zone?: string | undefined };
  verb?: string;
  onCron: (cron: string) => void;
  onZone: (zone: string) => void;
}) {
  const zones = useId();
  const words = cronWords(cron);
  return (
    <>
      <Field label="When" error={wrongs.cron} hint={<span data-testid="cron-words">{words ? `${verb} ${words}, by the clock of ${zone || "its zone"}.` : cronHint}</span>}>
        {(field) => <input {...field} className="in mono" spellCheck={false} placeholder="30 2 * * mon-fri" value={cron} onChange={(event) => onCron(event.target.value)} />}
      </Field>
      <div className="row" style={{ gap: 4, flexWrap: "wrap" }} role="group" aria-label="Often wanted">
        {often.map(([one, word]) => <button key={one} type="button" className="btn sm" onClick={() => onCron(one)}>{word}</button>)}
      </div>
      <Field label="Time zone" error={wrongs.time_zone}>
        {(field) => (
          <>
            <input {...field} className="in mono" list={zones} spellCheck={false} placeholder="Europe/Berlin" value={zone} onChange={(event) => onZone(event.target.value)} />
            <datalist id={zones}>{knownZones().map((one) => <option key={one} value={one} />)}</datalist>
          </>
        )}
      </Field>
    </>
  );
}
