// SPDX-License-Identifier: Apache-2.0
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { post, Refusal } from "../../api/client";
import { useMe } from "../../api/queries";
import { Action } from "../../parts/action";
import { Dialog } from "../../parts/dialog";
import { Field } from "../../parts/form";
import { complain } from "../../parts/toast";
import type { Definition } from "./definition";

/** Asks for a run's parameters, where the flow has any, and starts it. */
export function StartDialog({ definition, kept, project, onClose }: {
  definition: Definition;
  /** A version that the server has, instead of sending the definition. */
  kept?: { version: number };
  project: string | undefined;
  onClose: () => void;
}) {
  const me = useMe();
  const navigate = useNavigate();
  const [values, setValues] = useState<Record<string, string>>({});
  const [whose, setWhose] = useState(project ?? "");
  const [wrong, setWrong] = useState<Refusal>();
  const start = async () => {
    setWrong(undefined);
    const parameters = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
    const what = kept ? { flow: definition.name, version: kept.version } : { definition };
    const made = await post("/v1/flow-runs", { ...what, ...(whose ? { project: whose } : {}), ...(Object.keys(parameters).length ? { parameters } : {}) });
    await navigate({ to: "/flows/run/$run", params: { run: made.id } });
  };
  return (
    <Dialog title={`Run ${definition.name}`} onClose={onClose}
      foot={<Action className="pri" act={start} onError={(error) => (error instanceof Refusal ? setWrong(error) : complain(error))}>Run it</Action>}>
      {!kept && (me.data?.projects.length ?? 0) > 1 && (
        <Field label="Project" error={wrong?.field === "project" ? wrong.said : undefined}>
          {(field) => <select {...field} className="in" value={whose} onChange={(event) => setWhose(event.target.value)}><option value="">default</option>{me.data?.projects.filter((one) => one !== "default").map((one) => <option key={one}>{one}</option>)}</select>}
        </Field>
      )}
      {Object.entries(definition.parameters ?? {}).map(([name, usual]) => (
        <Field key={name} label={name} error={wrong?.field === `parameters.${name}` ? wrong.said : undefined}>
          {(field) => <input {...field} className="in mono" placeholder={usual} value={values[name] ?? ""} onChange={(event) => setValues({ ...values, [name]: event.target.value })} />}
        </Field>
      ))}
      {Object.keys(definition.parameters ?? {}).length === 0 && <p className="i2">It has no parameters.</p>}
      {wrong && wrong.field !== "project" && !wrong.field.startsWith("parameters.") && <div className="wrong" role="alert">{wrong.said}</div>}
    </Dialog>
  );
}
