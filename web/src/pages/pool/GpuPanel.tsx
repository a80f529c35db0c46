// SPDX-License-Identifier: Apache-2.0
import { useQueryClient } from "@tanstack/react-query";
import { put, type Gpu, type Node, type Schemas } from "../../api/client";
import { useMe } from "../../api/queries";
import { GpuPicture } from "../../drawing/GpuPicture";
import { marksOf } from "../../drawing/marks";
import { Field } from "../../parts/form";
import { complain, say } from "../../parts/toast";
import { memory } from "../../parts/time";
import { SetAside, TakeBack } from "./SetAside";
import type { PanelProps } from "./SidePanel";

const policies = [
  ["managed", "cut on demand", "OpenNav cuts it and switches it as jobs need."],
  ["fixed", "as it is", "The layout that is there is used and never changed."],
  ["whole", "never cut", "Given whole, to one job at a time."],
] as const;

export function GpuPanel({ node, gpu, jobs, owners, onSelect }: PanelProps & { node: Node; gpu: Gpu }) {
  const me = useMe();
  const client = useQueryClient();
  const may = me.data?.role === "admin" || me.data?.role === "operator";
  const policy = policies.find(([key]) => key === gpu.policy);
  const marks = marksOf(node, gpu, jobs);
  return (
    <>
      <div>
        <div className="title">GPU {gpu.index} <span className="mut" style={{ fontWeight: 500 }}>of {node.name}</span></div>
        <div className="mut t12">{gpu.model}{node.simulated && ", simulated"}</div>
        <div className="m mut" style={{ fontSize: 11, overflowWrap: "anywhere" }}>{gpu.uuid}</div>
      </div>
      <GpuPicture node={node} gpu={gpu} jobs={jobs} owners={owners} height={58} onSelect={(mark) => onSelect(mark.key)} />
      <dl className="facts">
        <dt>Memory</dt>
        <dd>{memory(gpu.memory_mib)}{gpu.memory_slices > 0 && ` in ${gpu.memory_slices} slices`}</dd>
        <dt>Now</dt>
        <dd>{gpu.mode === "mig" ? `cut in ${gpu.slices.length} ${gpu.slices.length === 1 ? "slice" : "slices"}` : "whole"}</dd>
        {gpu.stranded.length > 0 && (
          <>
            <dt>Stranded</dt>
            <dd>{gpu.stranded.length} of its memory slices</dd>
          </>
        )}
      </dl>
      <Field label="Who decides on its layout" hint={policy?.[2]}>
        {(field) => (
          <select {...field} className="in" value={gpu.policy} disabled={!may} title={may ? undefined : "An operator or admin can do this"}
            onChange={(event) => {
              put(`/v1/nodes/${node.name}/gpus/${gpu.index}/policy`, { policy: event.target.value as Schemas["GpuPolicy"] })
                .then(() => {
                  say(`GPU ${gpu.index} of ${node.name}: ${policies.find(([key]) => key === event.target.value)?.[1]}.`);
                  return client.invalidateQueries({ queryKey: ["pool"] });
                })
                .catch(complain);
            }}>
            {policies.map(([key, word]) => <option key={key} value={key}>{word}</option>)}
          </select>
        )}
      </Field>
      {gpu.state === "set_aside" && <div className="notice err"><span className="b er2">{gpu.reason ?? "Set aside"}.</span> Nothing new is placed on it.</div>}
      <div className="acts">
        {gpu.state === "set_aside" ? <TakeBack may={may} node={node} gpu={gpu} /> : <SetAside may={may} node={node} gpu={gpu} />}
      </div>
      <div>
        <h3>On it</h3>
        <div className="lines">
          {marks.filter((mark) => mark.placement || mark.whole).map((mark) => (
            <div key={mark.key}>
              <button className="btn sm quiet m" style={{ padding: 0 }} onClick={() => onSelect(mark.key)}>{mark.placement ?? "whole GPU"}</button>
              <span className="grow" />
              <span className="i2">{mark.job === undefined ? (mark.reason ?? mark.state) : (jobs.get(mark.job)?.name ?? `job ${mark.job}`)}</span>
            </div>
          ))}
          {marks.every((mark) => !mark.placement && !mark.whole) && <p className="mut">Nothing: it is cut when a job needs a part of it.</p>}
        </div>
      </div>
    </>
  );
}
