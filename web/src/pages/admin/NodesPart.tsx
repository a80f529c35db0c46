// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { post, type Node } from "../../api/client";
import { useMe, usePool } from "../../api/queries";
import { Action } from "../../parts/action";
import { Dialog } from "../../parts/dialog";
import { Failed } from "../../parts/states";
import { clockTime, memory } from "../../parts/time";
import { say } from "../../parts/toast";
import { DrainDialog } from "../pool/NodePanel";
import { NodeMarks } from "../pool/NodesView";
import { AddNode } from "./AddNode";

function LostDialog({ node, onClose }: { node: Node; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  return (
    <Dialog title={`Declare ${node.name} lost`} onClose={onClose}
      foot={
        <>
          <button className="btn" onClick={onClose}>Wait for it</button>
          <Action className="danger" disabled={typed !== node.name} why={typed === node.name ? undefined : "Type its name first"}
            act={async () => {
              await post(`/v1/nodes/${node.name}/lost`);
              say(`${node.name} is declared lost.`);
              onClose();
            }}>
            Declare it lost
          </Action>
        </>
      }>
      <p>This is your word that nothing runs there any more. {node.attempts} {node.attempts === 1 ? "job" : "jobs"} that had a place there are tried again elsewhere or fail, and the machine must join anew. It cannot be undone.</p>
      <label className="lb" htmlFor="lost-name">Its name, to be sure</label>
      <input id="lost-name" className="in" value={typed} onChange={(event) => setTyped(event.target.value)} placeholder={node.name} />
    </Dialog>
  );
}

export function NodesPart() {
  const pool = usePool();
  const me = useMe();
  const [draining, setDraining] = useState<Node>();
  const [losing, setLosing] = useState<Node>();
  if (!pool.data) return pool.error ? <Failed error={pool.error} /> : null;
  const may = me.data?.role === "admin" || me.data?.role === "operator";
  const why = may ? undefined : "An operator or admin can do this";
  return (
    <div className="admin">
      <section className="card f1" aria-label="Nodes">
        <table>
          <thead>
            <tr><th>node</th><th>state</th><th className="r">GPUs</th><th>kind</th><th className="r fold">processors</th><th className="r fold">memory</th><th className="r">jobs</th><th className="fold">since</th><th><span className="sr">what can be done</span></th></tr>
          </thead>
          <tbody>
            {pool.data.nodes.map((node) => (
              <tr key={node.id}>
                <td className="b"><Link to="/pool" search={{ sel: node.name }}>{node.name}</Link></td>
                <td><span className="chips">{node.state === "ready" && !node.draining && <span className="pill ok">ready</span>}<NodeMarks node={node} /></span></td>
                <td className="r">{node.gpus.length}</td>
                <td className="cut-off">{[...new Set(node.gpus.map((gpu) => gpu.model.replace(/^NVIDIA /, "")))].join(", ") || <span className="mut">processors alone</span>}</td>
                <td className="r fold nw">{Math.round(node.cpu_milli_used / 1000)} of {Math.round(node.cpu_milli / 1000)}</td>
                <td className="r fold nw">{memory(node.memory_mib)}</td>
                <td className="r">{node.attempts}</td>
                <td className="fold nw mut">{clockTime(node.since)}</td>
                <td className="r nw">
                  {node.draining ? (
                    <Action className="sm" disabled={!may} why={why} act={async () => { await post(`/v1/nodes/${node.name}/resume`); say(`${node.name} takes jobs again.`); }}>Resume</Action>
                  ) : (
                    <Action className="sm" disabled={!may} why={why} act={() => setDraining(node)}>Drain…</Action>
                  )}{" "}
                  {node.state === "unreachable" && <Action className="sm danger" disabled={!may} why={why} act={() => setLosing(node)}>Lost…</Action>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section className="card side" aria-label="Add a node">
        <h2>Add a node</h2>
        <p className="i2">On the machine that is to join, with nav installed. Its GPUs are in the pool within seconds, and nothing is set up by hand.</p>
        <AddNode />
      </section>
      {draining && <DrainDialog node={draining} onClose={() => setDraining(undefined)} />}
      {losing && <LostDialog node={losing} onClose={() => setLosing(undefined)} />}
    </div>
  );
}
