// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { post, type Node } from "../../api/client";
import { useMe } from "../../api/queries";
import { Action } from "../../parts/action";
import { Dialog } from "../../parts/dialog";
import { Field } from "../../parts/form";
import { say } from "../../parts/toast";
import { clockTime, memory } from "../../parts/time";
import { NodeMarks } from "./NodesView";
import type { PanelProps } from "./SidePanel";

/** Drains a node: says what goes on and what stops before one presses. */
export function DrainDialog({ node, onClose }: { node: Node; onClose: () => void }) {
  const [message, setMessage] = useState("");
  return (
    <Dialog
      title={`Drain ${node.name}`}
      onClose={onClose}
      foot={
        <>
          <button className="btn" onClick={onClose}>Keep it in use</button>
          <Action
            className="pri"
            act={async () => {
              await post(`/v1/nodes/${node.name}/drain`, { message });
              say(`${node.name} takes no new jobs.`);
              onClose();
            }}
          >
            Drain
          </Action>
        </>
      }
    >
      <p>
        {node.name} takes no new jobs from now on. {node.attempts === 0 ? "Nothing runs there." : `${node.attempts} ${node.attempts === 1 ? "job runs" : "jobs run"} there to the end.`}{" "}
        Resume undoes it at any time.
      </p>
      <Field label="Why" optional hint="Shown to whoever looks at the node.">
        {(field) => <input {...field} className="in" autoFocus maxLength={1000} value={message} onChange={(event) => setMessage(event.target.value)} />}
      </Field>
    </Dialog>
  );
}

export function NodePanel({ node, jobs }: PanelProps & { node: Node }) {
  const me = useMe();
  const [draining, setDraining] = useState(false);
  const may = me.data?.role === "admin" || me.data?.role === "operator";
  const why = may ? undefined : "An operator or admin can do this";
  const here = [...jobs.values()].filter((job) => job.node === node.name).length;
  return (
    <>
      <div>
        <div className="chips"><NodeMarks node={node} /></div>
        <div className="title">{node.name} <span className="mut" style={{ fontWeight: 500 }}>{node.site}</span></div>
        <div className="mut t12">{node.os ?? ""}</div>
      </div>
      {node.drain_message && <div className="notice warn">{node.drain_message}</div>}
      {node.state === "unreachable" && (
        <div className="notice err">
          Not heard from since {clockTime(node.since)}. Jobs there run on for as long as their lease lasts; it joins again by itself.
        </div>
      )}
      <dl className="facts">
        <dt>State</dt>
        <dd>{node.state}, since {clockTime(node.since)}</dd>
        <dt>GPUs</dt>
        <dd>{node.gpus.length}{node.simulated && ", simulated"}</dd>
        <dt>Jobs</dt>
        <dd>{node.attempts}{here < node.attempts && ` (${here} that you may see)`}</dd>
        <dt>Processors</dt>
        <dd>{node.cpu_milli_used / 1000} of {node.cpu_milli / 1000} given</dd>
        <dt>Memory</dt>
        <dd>{memory(node.memory_mib_used)} of {memory(node.memory_mib)} given</dd>
        {node.driver_version && (
          <>
            <dt>Driver</dt>
            <dd>{node.driver_version}</dd>
          </>
        )}
        <dt>Agent</dt>
        <dd>{node.agent_version ?? "?"}</dd>
        {Object.entries(node.labels).map(([key, value]) => (
          <div key={key} style={{ display: "contents" }}>
            <dt>{key}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="acts">
        {node.draining ? (
          <Action
            className="pri"
            disabled={!may}
            why={why}
            act={async () => {
              await post(`/v1/nodes/${node.name}/resume`);
              say(`${node.name} takes jobs again.`);
            }}
          >
            Resume
          </Action>
        ) : (
          <Action disabled={!may} why={why} act={() => setDraining(true)}>Drain…</Action>
        )}
      </div>
      {draining && <DrainDialog node={node} onClose={() => setDraining(false)} />}
    </>
  );
}
