// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { CopyButton } from "./copy";

const forms = [["command", "As a command"], ["python", "As Python"], ["http", "As HTTP"]] as const;

export type Code = Record<(typeof forms)[number][0], string>;

/** What a page does or shows, word for word, for scripts. */
export function AsCode({ label, note, code }: { label: string; note: string; code: Code }) {
  const [form, setForm] = useState<keyof Code>("command");
  const text = code[form];
  return (
    <section className="card as-code" aria-label={label}>
      <div className="row center">
        <div className="tabs">
          {forms.map(([key, word]) => (
            <button key={key} type="button" aria-pressed={key === form} onClick={() => setForm(key)}>{word}</button>
          ))}
        </div>
        <span className="grow" />
        <span className="sub t12">{note}</span>
        <CopyButton text={text} />
      </div>
      <pre data-testid="as-code" tabIndex={0}>{text}</pre>
    </section>
  );
}
