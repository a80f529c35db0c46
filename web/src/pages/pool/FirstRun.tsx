// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { Node } from "../../api/client";
import { useMe } from "../../api/queries";
import { FirstSteps } from "../../parts/FirstSteps";
import { Empty } from "../../parts/states";
import { AddNode } from "../admin/AddNode";

const machine = "dgx-a100";

/** An installation without a GPU explains itself: to those who can add one, and to those who wait for it. */
export function FirstRun({ nodes }: { nodes: Node[] }) {
  const me = useMe();
  const may = me.data?.role === "admin" || me.data?.role === "operator";
  const names = nodes.map((node) => node.name);
  const here = names.length === 0 ? "No machine is here yet; jobs that are submitted wait for one."
    : `${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""} ${names.length === 1 ? "is" : "are"} here, without a GPU: processor jobs run there already.`;
  return (
    <Empty title="No GPU has joined yet">
      <p className="i2">OpenNav turns the GPUs of one or many machines into one pool and cuts them into the slices that jobs ask for. {here}</p>
      {may ? (
        <div className="choices">
          <div className="card">
            <h2>Add a node</h2>
            <p className="i2">On a machine with NVIDIA's driver and nav: one command, and its GPUs are drawn here within seconds.</p>
            <AddNode />
          </div>
          <div className="card">
            <h2>Try with a simulated DGX A100</h2>
            <p className="i2">Eight GPUs that a driver of our own simulates; jobs on them are real and compute on the processor. Nothing has to be restarted for it.</p>
            <AddNode simulate={machine} />
          </div>
        </div>
      ) : (
        <p className="i2" data-testid="ask">Machines are added by an operator or admin of this installation. There is nothing for you to set up: they are drawn here the moment they join.</p>
      )}
      {names.length > 0 ? <FirstSteps /> : <p className="i2">Meanwhile, <Link to="/flows/edit" search={{ example: true }} className="link">open the example flow</Link>: it needs no machine to be read and changed.</p>}
    </Empty>
  );
}
