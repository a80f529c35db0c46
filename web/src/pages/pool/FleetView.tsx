// SPDX-License-Identifier: Apache-2.0
import { useEffect, useMemo, useRef, useState } from "react";
import type { Node } from "../../api/client";
import { GpuPicture } from "../../drawing/GpuPicture";
import { nodeAt, paintFleet, planFleet, type Palette, type Plan } from "../../drawing/fleet";
import { slicesOf } from "../../drawing/marks";
import type { Drawn } from "./NodesView";

function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    teams: [0, 1, 2, 3, 4].map((at) => colour(`--team${at}`)),
    panel: colour("--panel"), sunk: colour("--sunk"), line: colour("--line"), line2: colour("--line2"),
    ink: colour("--ink"), ink3: colour("--ink3"), err: colour("--err"), warn: colour("--warn"), a0: colour("--a0"), a1: colour("--a1"),
  };
}

/** Ten thousand GPUs as the same drawing, small: a square is a node, a row in it a GPU, a dot a memory slice. */
export default function FleetView({ nodes, jobs, owners, activity, by, selected, onSelect, onOpen }: Drawn & { onOpen: (node: string) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [hover, setHover] = useState<{ node: Node; x: number; y: number }>();
  const [theme, setTheme] = useState(document.documentElement.dataset.theme);
  useEffect(() => {
    const resized = new ResizeObserver(([entry]) => entry && setSize({ width: entry.contentRect.width, height: entry.contentRect.height }));
    resized.observe(box.current!);
    const themed = new MutationObserver(() => setTheme(document.documentElement.dataset.theme));
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => {
      resized.disconnect();
      themed.disconnect();
    };
  }, []);
  const plan: Plan = useMemo(() => planFleet(nodes, size.width, size.height), [nodes, size]);
  useEffect(() => {
    const surface = canvas.current;
    if (!surface || size.width === 0) return;
    const scale = window.devicePixelRatio || 1;
    surface.width = Math.round(size.width * scale);
    surface.height = Math.round(plan.height * scale);
    const context = surface.getContext("2d")!;
    context.scale(scale, scale);
    const began = performance.now();
    paintFleet(context, plan, { jobs, activity, teamAt: (project) => owners.order.indexOf(owners.teamOf(project) ?? ""), by, selected: selected?.split("/")[0], palette: paletteOf(surface) });
    surface.dataset.painted = (performance.now() - began).toFixed(1);
  }, [plan, jobs, owners, activity, by, selected, theme, size]);
  const under = (event: { nativeEvent: { offsetX: number; offsetY: number } }) => nodeAt(plan, event.nativeEvent.offsetX, event.nativeEvent.offsetY);
  const slices = hover ? hover.node.gpus.reduce((sum, gpu) => sum + slicesOf(gpu), 0) : 0;
  return (
    <div className="card nodes" style={{ padding: "12px 14px" }}>
      <div className="fleet scroll" ref={box}>
        <canvas
          ref={canvas}
          data-testid="fleet"
          style={{ height: plan.height }}
          aria-label={`${nodes.length} nodes; List shows the same as a table`}
          role="img"
          onMouseMove={(event) => {
            const node = under(event);
            setHover(node ? { node, x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY } : undefined);
          }}
          onMouseLeave={() => setHover(undefined)}
          onClick={(event) => {
            const node = under(event);
            if (node) onSelect(node.name);
          }}
          onDoubleClick={(event) => {
            const node = under(event);
            if (node) onOpen(node.name);
          }}
        />
        {hover && (
          <div className="menu" style={{ left: Math.min(hover.x + 14, size.width - 300), top: Math.max(0, Math.min(hover.y + 14, size.height - 260)), width: 284, padding: 12, pointerEvents: "none" }}>
            <div className="row center" style={{ gap: 8, paddingBottom: 6 }}>
              <span className="b">{hover.node.name}</span> <span className="mut t12">{hover.node.site}</span>
            </div>
            <div className="gpus">
              {hover.node.gpus.map((gpu) => <GpuPicture key={gpu.index} node={hover.node} gpu={gpu} jobs={jobs} owners={owners} height={14} />)}
            </div>
            <div className="hint">{slices} memory slices. A click tells more, two open it.</div>
          </div>
        )}
      </div>
      <div className="row hint" style={{ justifyContent: "space-between", paddingTop: 8 }}>
        <span>A square is a node, a row in it a GPU, a dot a memory slice. The same picture, zoomed.</span>
        <span className="legend">
          <span><i className="sq" style={{ background: "var(--err)" }} />set aside</span>
          <span><i className="sq" style={{ background: "var(--sunk)", boxShadow: "inset 0 0 0 1px var(--line2)" }} />free</span>
          <span><i className="sq" style={{ background: "none", boxShadow: "inset 0 0 0 1.5px var(--ink3)" }} />not heard from</span>
        </span>
      </div>
    </div>
  );
}
