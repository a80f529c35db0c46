// SPDX-License-Identifier: Apache-2.0
import { Link } from "@tanstack/react-router";
import type { Node } from "../../api/client";
import { CopyBox } from "../../parts/copy";
import { Empty } from "../../parts/states";
import { AddNode } from "../admin/AddNode";

/** An installation without a GPU explains itself. */
export function FirstRun({ nodes }: { nodes: Node[] }) {
  return (
    <Empty title="No GPU has joined yet">
      <p className="i2">
        OpenNav turns the GPUs of one or many machines into one pool and cuts them into the slices that jobs ask for.
        {nodes.length > 0 && ` ${nodes.map((node) => node.name).join(", ")} ${nodes.length === 1 ? "is" : "are"} here, without a GPU: processor jobs run there already.`}
      </p>
      <div className="choices">
        <div className="card">
          <h2>Add a node</h2>
          <p className="i2">On a machine with NVIDIA's driver. One command, and its GPUs are drawn here.</p>
          <AddNode />
        </div>
        <div className="card">
          <h2>Try with a simulated DGX A100</h2>
          <p className="i2">Eight GPUs that a driver of our own simulates; jobs on them are real and compute on the processor.</p>
          <CopyBox text="nav down; nav up --simulate dgx-a100" />
        </div>
        <div className="card">
          <h2>Run on the processor</h2>
          <p className="i2">The same jobs, logs and reasons, with no GPU at all.</p>
          <Link to="/run" search={{ on: "cpu" }} className="btn" style={{ alignSelf: "start" }}>Run a job on cpu</Link>
        </div>
      </div>
    </Empty>
  );
}
