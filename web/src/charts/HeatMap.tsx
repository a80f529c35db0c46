// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState, type PointerEvent } from "react";
import { clockTime } from "../parts/time";
import { percent } from "./numbers";
import { scaleOf, ticksOf } from "./scale";
import { useSize } from "./size";
/** One thing over time on its part of a row: from `start`, `span` wide, of `of`. */
export interface HeatRow {
  row: number;
  name: string;
  start: number;
  span: number;
  of: number;
  at: number[];
  /** A share from 0 to 1; nothing: it was there, and not measured. */
  values: (number | undefined)[];
}
const left = 46;
const foot = 18;
const gap = 4;
function colourBetween(from: string, to: string): (share: number) => string {
  const rgb = (hex: string) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const [a, b] = [rgb(from), rgb(to)];
  return (share) => `rgb(${a.map((one, n) => Math.round(one + ((b[n] ?? 0) - one) * share)).join(" ")})`;
}
/** Every slice of a node over time: rows are GPUs, within them each slice has the place it has on the GPU. */
export function HeatMap({ title, rows, names, since, until, step, known, height = 260 }: {
  title: string;
  rows: HeatRow[];
  names: string[];
  since: number;
  until: number;
  step: number;
  /** Whether it was answered; until then nothing is said of what is not there. */
  known: boolean;
  height?: number;
}) {
  const { box, width } = useSize<HTMLDivElement>();
  const [pointed, setPointed] = useState<{ x: number; y: number; row: HeatRow; time: number; value: number | undefined }>();
  const [theme, setTheme] = useState(document.documentElement.dataset.theme);
  useEffect(() => {
    const watched = new MutationObserver(() => setTheme(document.documentElement.dataset.theme));
    watched.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => watched.disconnect();
  }, []);
  const tall = (height - foot) / Math.max(1, names.length);
  const x = scaleOf(since, until, left, width);
  const top = (row: HeatRow) => row.row * tall + ((tall - gap) * row.start) / row.of;
  const thick = (row: HeatRow) => ((tall - gap) * row.span) / row.of;
  useEffect(() => {
    const canvas = box.current?.querySelector("canvas");
    const pen = canvas?.getContext("2d");
    if (!canvas || !pen || width === 0) return;
    const dots = window.devicePixelRatio || 1;
    canvas.width = width * dots;
    canvas.height = height * dots;
    pen.scale(dots, dots);
    pen.clearRect(0, 0, width, height);
    const style = getComputedStyle(document.documentElement);
    const token = (name: string) => style.getPropertyValue(name).trim();
    const ink = colourBetween(token("--a0"), token("--a1"));
    for (let row = 0; row < names.length; ++row) {
      pen.fillStyle = token("--sunk");
      pen.fillRect(left, row * tall, width - left, tall - gap);
    }
    for (const row of rows)
      row.at.forEach((time, n) => {
        const from = x(time);
        const to = x(time + step);
        const y = top(row) + 0.25;
        const high = Math.max(1, thick(row) - 0.75);
        const value = row.values[n];
        pen.fillStyle = value === undefined ? token("--panel") : ink(Math.min(1, Math.max(0, value)));
        pen.fillRect(from, y, Math.max(1, to - from + 0.4), high);
        if (value !== undefined) return;
        pen.fillStyle = token("--ink3");
        for (let line = y + 1; line < y + high; line += 3) pen.fillRect(from, line, Math.max(1, to - from + 0.4), 0.8);
      });
    canvas.dataset.painted = String(rows.reduce((sum, row) => sum + row.at.length, 0));
  });
  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const bounds = event.currentTarget.getBoundingClientRect();
    const [px, py] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const time = since + ((px - left) / Math.max(1, width - left)) * (until - since);
    for (const row of [...rows].reverse()) {
      if (py < top(row) || py > top(row) + thick(row)) continue;
      const n = row.at.findIndex((at) => time >= at && time < at + step);
      if (n >= 0) return setPointed({ x: px, y: py, row, time: row.at[n]!, value: row.values[n] });
    }
    setPointed(undefined);
  };
  return (
    <div ref={box} className="chart" style={{ height }} onPointerMove={follow} onPointerLeave={() => setPointed(undefined)}>
      <canvas role="img" aria-label={`${title}. The same as a table is behind the button Table.`} data-testid="heat" key={theme} style={{ width, height, display: "block" }} />
      <svg width={width} height={height} aria-hidden="true" style={{ position: "absolute", inset: 0, pointerEvents: "none" }}>
        {names.map((name, row) => <text key={name} x="0" y={row * tall + (tall - gap) / 2 + 4}>{name}</text>)}
        {width > 0 && ticksOf(since, until, Math.max(2, Math.floor(width / 150))).map((tick, n) => <text key={tick} x={x(tick)} y={height - 3} textAnchor={n === 0 ? "start" : "middle"}>{clockTime(tick)}</text>)}
      </svg>
      {known && rows.length === 0 && <div className="not-known">nothing was measured in this time</div>}
      {pointed && (
        <div className="menu reading" style={{ left: Math.min(Math.max(0, width - 190), pointed.x + 12), top: Math.min(height - 70, pointed.y + 10) }}>
          <div className="m b">{pointed.row.name}</div>
          <div className="t12">{clockTime(pointed.time)}, <b>{pointed.value === undefined ? "not measured" : `${percent(pointed.value)} active`}</b></div>
        </div>
      )}
    </div>
  );
}
