// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import type { SubmitJobs } from "../../api/client";
import { CopyButton } from "../../parts/copy";
import { asCommand, asHttp, asPython } from "./draft";

const forms = [["command", "As a command"], ["python", "As Python"], ["http", "As HTTP"]] as const;

/** The same job, word for word, for scripts. */
export function AsCode({ request }: { request: SubmitJobs }) {
  const [form, setForm] = useState<"command" | "python" | "http">("command");
  const text = form === "command" ? asCommand(request) : form === "python" ? asPython(request) : asHttp(request, location.origin);
  return (
    <section className="card as-code" aria-label="The same job as code">
      <div className="row center">
        <div className="tabs">
          {forms.map(([key, word]) => (
            <button key={key} type="button" aria-pressed={key === form} onClick={() => setForm(key)}>{word}</button>
          ))}
        </div>
        <span className="grow" />
        <span className="sub t12">the same job, word for word</span>
        <CopyButton text={text} />
      </div>
      <pre data-testid="as-code" tabIndex={0}>{text}</pre>
    </section>
  );
}
