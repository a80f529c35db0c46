// SPDX-License-Identifier: Apache-2.0
import type { Job, Node } from "../api/client";
import { marksOf, slicesOf, type Activity, type Mark } from "./marks";

/** Where every node stands on the canvas. */
export interface Plan {
  width: number;
  height: number;
  groups: { site: string; nodes: number; y: number }[];
  boxes: { node: Node; x: number; y: number }[];
  side: number;
}

export interface Palette {
  teams: string[];
  panel: string;
  sunk: string;
  line: string;
  line2: string;
  ink: string;
  ink3: string;
  err: string;
  warn: string;
  a0: string;
  a1: string;
}

/** Between two colours written as "#rrggbb". */
export function between(from: string, to: string, share: number): string {
  const part = (colour: string, at: number) => parseInt(colour.slice(1 + 2 * at, 3 + 2 * at), 16);
  return `rgb(${[0, 1, 2].map((at) => Math.round(part(from, at) + (part(to, at) - part(from, at)) * share)).join(" ")})`;
}

interface Colouring {
  jobs: ReadonlyMap<number, Job>;
  activity: Activity;
  teamAt: (project: string | undefined) => number;
  by: string;
  selected: string | undefined;
  palette: Palette;
}

const title = 24;
const gap = 5;
const largest = 200;
const smallest = 12;

/** Lays the nodes out by site, as large as fits without scrolling, and no smaller than can be told apart. */
export function planFleet(nodes: Node[], width: number, height: number): Plan {
  const sites = new Map<string, Node[]>();
  for (const node of nodes) sites.set(node.site, [...(sites.get(node.site) ?? []), node]);
  const heightWith = (side: number) => {
    const across = Math.max(1, Math.floor((width + gap) / (side + gap)));
    let sum = 0;
    for (const group of sites.values()) sum += title + Math.ceil(group.length / across) * (side + gap) + 6;
    return sum;
  };
  let side = largest;
  while (side > smallest && heightWith(side) > height) --side;
  const across = Math.max(1, Math.floor((width + gap) / (side + gap)));
  const plan: Plan = { width, height: Math.max(heightWith(side), 1), groups: [], boxes: [], side };
  let y = 0;
  for (const [site, group] of sites) {
    plan.groups.push({ site, nodes: group.length, y });
    y += title;
    group.forEach((node, at) => plan.boxes.push({ node, x: (at % across) * (side + gap), y: y + Math.floor(at / across) * (side + gap) }));
    y += Math.ceil(group.length / across) * (side + gap) + 6;
  }
  return plan;
}

export function nodeAt(plan: Plan, x: number, y: number): Node | undefined {
  return plan.boxes.find((box) => x >= box.x && x < box.x + plan.side && y >= box.y && y < box.y + plan.side)?.node;
}

function colourOf(mark: Mark, { jobs, teamAt, by, palette }: Colouring): string {
  if (mark.state === "aside") return palette.err;
  if (mark.state === "ready") return palette.line2;
  if (mark.state === "free" || mark.state === "stranded") return mark.state === "free" ? palette.sunk : palette.line;
  if (mark.state === "cut") return palette.ink3;
  if (by === "activity") return mark.activity === undefined ? palette.ink3 : between(palette.a0, palette.a1, mark.activity / 100);
  const team = mark.job === undefined ? -1 : teamAt(jobs.get(mark.job)?.project);
  return team < 0 ? palette.ink3 : palette.teams[team % palette.teams.length]!;
}

export function paintFleet(context: CanvasRenderingContext2D, plan: Plan, colouring: Colouring): void {
  const { palette } = colouring;
  context.clearRect(0, 0, plan.width, plan.height);
  context.textBaseline = "middle";
  for (const group of plan.groups) {
    context.font = "600 12px Inter, system-ui, sans-serif";
    context.fillStyle = palette.ink;
    context.fillText(group.site, 0, group.y + 10);
    const width = context.measureText(group.site).width;
    context.font = "400 12px Inter, system-ui, sans-serif";
    context.fillStyle = palette.ink3;
    context.fillText(`${group.nodes} ${group.nodes === 1 ? "node" : "nodes"}`, width + 9, group.y + 10);
  }
  for (const { node, x, y } of plan.boxes) {
    if (node.state !== "ready") {
      context.strokeStyle = palette.ink3;
      context.lineWidth = 1.5;
      context.strokeRect(x + 1, y + 1, plan.side - 2, plan.side - 2);
    } else {
      const row = plan.side / Math.max(1, node.gpus.length);
      node.gpus.forEach((gpu, at) => {
        const unit = plan.side / slicesOf(gpu);
        const line = row > 4 ? 1 : 0.5;
        for (const mark of marksOf(node, gpu, colouring.jobs, colouring.activity)) {
          context.fillStyle = colourOf(mark, colouring);
          context.fillRect(x + mark.start * unit, y + at * row, mark.span * unit - (unit > 3 ? 1 : 0.4), row - line);
        }
      });
    }
    if (node.name === colouring.selected) {
      context.strokeStyle = palette.ink;
      context.lineWidth = 2;
      context.strokeRect(x - 1.5, y - 1.5, plan.side + 3, plan.side + 3);
    }
  }
}
