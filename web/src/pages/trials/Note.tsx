// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { post } from "../../api/client";
import { Action } from "../../parts/action";

const tag = "mlflow.note.content";

/** What people noted of an experiment or a run, where MLflow keeps it too. */
export function Note({ of, id, tags }: { of: "experiment" | "run"; id: string; tags: Record<string, string> }) {
  const client = useQueryClient();
  const [text, setText] = useState<string>();
  const kept = tags[tag] ?? "";
  if (text === undefined)
    return (
      <button type="button" className="note" onClick={() => setText(kept)}>
        {kept || <span className="mut">Note what it was for, or what came of it</span>}
      </button>
    );
  const save = async () => {
    if (of === "run") await post("/api/2.0/mlflow/runs/set-tag", { run_id: id, key: tag, value: text });
    else await post("/api/2.0/mlflow/experiments/set-experiment-tag", { experiment_id: id, key: tag, value: text });
    await client.invalidateQueries({ queryKey: ["experiments"] });
    setText(undefined);
  };
  return (
    <div className="row" style={{ gap: 8, flex: "none" }}>
      <textarea autoFocus className="in f1" rows={2} aria-label="Note" value={text} onChange={(event) => setText(event.target.value)} onKeyDown={(event) => event.key === "Escape" && setText(undefined)} />
      <Action className="pri" act={save}>Keep</Action>
      <button className="btn" onClick={() => setText(undefined)}>Leave it</button>
    </div>
  );
}
