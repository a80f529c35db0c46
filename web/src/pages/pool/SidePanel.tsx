// SPDX-License-Identifier: Apache-2.0
import { useEffect, type ReactNode } from "react";
import type { Gpu, Job, Node, Pool } from "../../api/client";
import { useActivity } from "../../api/activity";
import type { useOwners } from "../../api/queries";
import { marksOf, type Activity } from "../../drawing/marks";
import { GpuPanel } from "./GpuPanel";
import { NodePanel } from "./NodePanel";
import { SlicePanel } from "./SlicePanel";

export interface PanelProps {
  jobs: ReadonlyMap<number, Job>;
  owners: ReturnType<typeof useOwners>;
  onSelect: (what: string) => void;
}

/** One line of what happened here. */
export function HistoryLine({ when, children, right }: { when: string; children: ReactNode; right?: string }) {
  return (
    <div>
      <span className="when">{when}</span>
      <span className="grow">{children}</span>
      {right && <span className="mut t12 nw">{right}</span>}
    </div>
  );
}

function content(node: Node, gpu: Gpu | undefined, place: string | undefined, props: PanelProps, activity: Activity): ReactNode {
  if (!gpu) return <NodePanel node={node} {...props} />;
  if (!place) return <GpuPanel node={node} gpu={gpu} {...props} />;
  const mark = marksOf(node, gpu, props.jobs, activity).find((one) => one.key === `${node.name}/${gpu.index}/${place}`);
  if (!mark) return <p className="notice">{place} is not cut there any more.</p>;
  return <SlicePanel node={node} gpu={gpu} mark={mark} {...props} />;
}

/** Who, what and why of whatever was chosen in the pool. */
export function SidePanel({ selection, pool, onClose, ...props }: PanelProps & { selection: string; pool: Pool; onClose: () => void }) {
  const activity = useActivity();
  const [name, index, place] = selection.split("/");
  const node = pool.nodes.find((one) => one.name === name);
  const gpu = index === undefined ? undefined : node?.gpus[Number(index)];
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !document.querySelector(".veil")) onClose();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [onClose]);
  return (
    <aside className="card side" aria-label={`About ${selection}`} data-testid="side">
      <div className="row center" style={{ gap: 8 }}>
        <span className="mut t12 cut-off">
          {node && <button className="btn sm quiet" style={{ padding: 0 }} onClick={() => props.onSelect(node.name)}>{node.name}</button>}
          {node && gpu && (
            <>
              {" / "}
              <button className="btn sm quiet" style={{ padding: 0 }} onClick={() => props.onSelect(`${node.name}/${gpu.index}`)}>GPU {gpu.index}</button>
            </>
          )}
        </span>
        <span className="grow" />
        <button className="icon" aria-label="Close" onClick={onClose}>×</button>
      </div>
      {node && (index === undefined || gpu) ? content(node, gpu, place, props, activity) : <p className="notice">{selection} is not in the pool any more.</p>}
    </aside>
  );
}
