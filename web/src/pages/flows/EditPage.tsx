// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect, useState, type DragEvent } from "react";
import { ask, Refusal, type Schemas } from "../../api/client";
import { useTemplates } from "../../api/queries";
import { CopyButton } from "../../parts/copy";
import { Failed } from "../../parts/states";
import { isTyping } from "../../shell/keys";
import { needsOf, type Definition, type Kind } from "./definition";
import { fromYaml, toYaml } from "./yaml";
import { connected, exampleFor, nameRule, placeOfRefusal, withStep } from "./edit";
import { Graph } from "./Graph";
import { Outline } from "./Outline";
import { useFlow } from "./useFlow";
import { StartDialog } from "./StartDialog";
import { StepForm } from "./StepForm";

const palette: [Kind, string, string][] = [
  ["job", "Job", "one command"], ["sweep", "Sweep", "many, over a grid"], ["endpoint", "Endpoint", "answers while others ask"], ["workspace", "Notebook", "for one person"],
];
const empty: Definition = { name: "new-flow", components: {} };

export function FlowEditPage() {
  const search = useSearch({ from: "/shell/flows/edit" });
  const kept = useFlow(search.flow, search.project);
  const templates = useTemplates();
  if (search.flow && !kept.data) return kept.error ? <Failed error={kept.error} /> : <div className="skeleton" style={{ height: 320 }} />;
  if (search.example && !templates.data) return templates.error ? <Failed error={templates.error} again={() => void templates.refetch()} /> : <div className="skeleton" style={{ height: 320 }} />;
  const example = search.example ? exampleFor(templates.data ?? []) : undefined;
  const read = example ? fromYaml(example) : undefined;
  const first = kept.data?.definition ?? (read && "definition" in read ? read.definition : empty);
  return <Editor key={search.flow ?? String(search.example)} first={first} project={search.project} firstText={example} />;
}

/** Whether the flow could run, as the server says it of what stands here now. */
function useCheck(flow: Definition) {
  const text = JSON.stringify(flow);
  const [late, setLate] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setLate(text), 400);
    return () => clearTimeout(timer);
  }, [text]);
  const some = Object.keys(flow.components).length > 0;
  const query = useQuery({
    queryKey: ["flow-check", late],
    queryFn: async ({ signal }): Promise<{ graph?: Schemas["FlowGraph"]; refusal?: Refusal }> => {
      try {
        return { graph: await ask("/v1/flows/check", { definition: JSON.parse(late) as Definition }, signal) };
      } catch (error) {
        if (error instanceof Refusal && error.status >= 400 && error.status < 500) return { refusal: error };
        throw error;
      }
    },
    enabled: some,
    retry: false,
  });
  return { ...query.data, fresh: late === text && query.data !== undefined };
}

function Editor({ first, firstText, project }: { first: Definition; firstText: string | undefined; project: string | undefined }) {
  const templates = useTemplates();
  const [flow, setFlow] = useState(first);
  const [yaml, setYaml] = useState(firstText ?? toYaml(first));
  const [wrongYaml, setWrongYaml] = useState<{ wrong: string; line: number | undefined }>();
  const [step, setStep] = useState<string>();
  const [linking, setLinking] = useState<string>();
  const [starting, setStarting] = useState(false);
  const { graph, refusal, fresh } = useCheck(flow);
  const place = refusal && placeOfRefusal(refusal.field, flow);
  const change = (next: Definition) => {
    setFlow(next);
    setYaml(toYaml(next));
    setWrongYaml(undefined);
  };
  const type = (text: string) => {
    setYaml(text);
    const read = fromYaml(text);
    if ("wrong" in read) return setWrongYaml(read);
    setWrongYaml(undefined);
    setFlow({ ...read.definition, components: Object.fromEntries(Object.entries(read.definition.components).map(([name, one]) => [name, { ...(typeof one === "object" ? one : {}), on: Array.isArray(one?.on) ? one.on : [], command: Array.isArray(one?.command) ? one.command : [] }])) });
  };
  const add = (kind: Kind) => {
    const made = withStep(flow, kind);
    change(step && flow.components[step] ? connected(made.flow, step, made.name) : made.flow);
    setStep(made.name);
  };
  const connect = (from: string, to: string) => {
    change(connected(flow, from, to));
    setLinking(undefined);
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector(".veil")) return;
      if (event.key === "a") add("job");
      else if (event.key === "s") add("sweep");
      else if (event.key === "e") add("endpoint");
      else if (event.key === "c" && step) setLinking(step);
      else if (event.key === "Escape") linking ? setLinking(undefined) : setStep(undefined);
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });
  const drop = (event: DragEvent) => {
    const what = event.dataTransfer.getData("text/plain");
    const kind = palette.find(([one]) => what === `step:${one}`)?.[0];
    if (!kind) return;
    event.preventDefault();
    add(kind);
  };
  const names = Object.keys(flow.components);
  const wrongs = (of: string): Record<string, string> => (refusal && place?.step === of ? { [place.field || "on"]: refusal.said } : {});
  const chosen = step !== undefined && flow.components[step] ? step : undefined;
  const badName = !nameRule.test(flow.name) ? "Lower-case letters, digits and inner - . _" : undefined;
  const trials = graph?.components.reduce((sum, one) => sum + one.trials, 0);
  return (
    <>
      <div className="head">
        <h1 className="sr">Edit a flow</h1>
        <input className="in flow-name" aria-label="Name of the flow" aria-invalid={Boolean(badName)} title={badName} value={flow.name} onChange={(event) => change({ ...flow, name: event.target.value })} />
        {names.length === 0 ? <span className="pill">empty</span> : wrongYaml ? <span className="pill err" data-testid="check">YAML cannot be read</span>
          : !fresh ? <span className="pill" data-testid="check">being checked</span>
          : graph ? <span className="pill ok" data-testid="check">can run: {trials} {trials === 1 ? "job" : "jobs"}</span> : <span className="pill err" data-testid="check">cannot run yet</span>}
        {refusal && fresh && <span className="er2 t12 cut-off" role="alert" style={{ maxWidth: 560 }} title={refusal.said}>{place?.step ? `${place.step}: ` : ""}{refusal.said}</span>}
        <span className="grow" />
        <button className="btn pri" disabled={!graph || !fresh || Boolean(wrongYaml)} onClick={() => setStarting(true)}>Run</button>
      </div>
      <div className="editor">
        <div className="palette">
          <div className="mut t12">Steps to drag in</div>
          {palette.map(([kind, word, about]) => (
            <button key={kind} type="button" className="card" draggable onDragStart={(event) => event.dataTransfer.setData("text/plain", `step:${kind}`)} onClick={() => add(kind)}>
              <i className={`sq ${{ job: "", sweep: "team4", endpoint: "team2", workspace: "team3" }[kind]}`} /> <span><span className="b">{word}</span><br /><span className="mut t12">{about}</span></span>
            </button>
          ))}
          <span className="grow" />
          <div className="hint"><kbd>A</kbd> a job, <kbd>S</kbd> a sweep, <kbd>E</kbd> an endpoint after the chosen step, <kbd>C</kbd> connects it to another. Or drag from the dot at its right.</div>
        </div>
        <section className="card graph-card" aria-label="Steps" onDragOver={(event) => event.preventDefault()} onDrop={drop}>
          {names.length === 0 ? (
            <div className="empty"><p className="i2">Drag a step in, or write YAML at the right.</p><button className="btn" onClick={() => type(exampleFor(templates.data ?? []))}>Begin with the example</button></div>
          ) : (
            <Graph label={`Steps of ${flow.name}`} steps={names.map((name) => ({ name, needs: needsOf(name, flow) }))}>
              {(name) => (
                <section className={`card step ${chosen === name ? "chosen" : ""} ${place?.step === name ? "failed" : ""} ${linking && linking !== name ? "target" : ""}`} aria-label={`Step ${name}`}
                  onDragOver={(event) => event.preventDefault()}
                  onDrop={(event) => {
                    const from = event.dataTransfer.getData("text/plain");
                    if (!from.startsWith("from:")) return;
                    event.preventDefault();
                    event.stopPropagation();
                    connect(from.slice(5), name);
                  }}>
                  <div className="row center" style={{ gap: 8 }}>
                    <button type="button" className="step-name" aria-pressed={chosen === name} onClick={() => (linking && linking !== name ? connect(linking, name) : setStep(name))}>{name}</button>
                    <span className="mut t12">{flow.components[name]!.kind ?? "job"}</span>
                  </div>
                  <Outline component={flow.components[name]!} />
                  {place?.step === name && refusal && fresh && <div className="wrong">{refusal.said}</div>}
                  <button type="button" className="port" draggable aria-label={`Connect ${name} to another step`} title="Drag to another step" onDragStart={(event) => event.dataTransfer.setData("text/plain", `from:${name}`)} onClick={() => setLinking(name)} />
                </section>
              )}
            </Graph>
          )}
          {linking && <div className="notice linking" role="status">Choose the step that comes after {linking}; Esc leaves it.</div>}
        </section>
        {chosen && templates.data && <StepForm key={chosen} name={chosen} flow={flow} templates={templates.data} project={project} wrongs={wrongs(chosen)} onChange={change} onRename={setStep} onClose={() => setStep(undefined)} />}
        <section className="card yaml" aria-label="The same as YAML">
          <div className="ch"><h2>YAML</h2><span className="sub t12">both ways, live</span><span className="grow" /><CopyButton text={yaml} /></div>
          <textarea aria-label="The flow as YAML" spellCheck={false} value={yaml} aria-invalid={Boolean(wrongYaml)} onChange={(event) => type(event.target.value)} />
          {wrongYaml && <div className="wrong" role="alert" style={{ padding: "0 12px 8px" }}>{wrongYaml.line ? `Line ${wrongYaml.line}: ` : ""}{wrongYaml.wrong}</div>}
        </section>
      </div>
      {starting && <StartDialog definition={flow} project={project} onClose={() => setStarting(false)} />}
    </>
  );
}
