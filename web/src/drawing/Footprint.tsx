// SPDX-License-Identifier: Apache-2.0
import type { BoardCount, Template } from "../api/client";
import { usePool, useTemplates } from "../api/queries";

/** Which part of which GPU a template takes: memory slices of the first board in the pool that has its profile. */
export function partOf(template: Pick<Template, "kind" | "profile">, boards: BoardCount[]): { slices: number; of: number } | undefined {
  if (template.kind !== "slice") return undefined;
  for (const board of boards) {
    const profile = board.profiles.find((one) => one.name === template.profile);
    if (profile) return { slices: profile.memory_slices, of: board.memory_slices };
  }
  return undefined;
}

/** Eight small slices, as many filled as one gets: the menu's glyph. */
export function Glyph({ slices, of, whole = false }: { slices: number; of: number; whole?: boolean }) {
  const width = (44 - (of - 1)) / of;
  return (
    <svg className="foot" width="44" height="12" viewBox="0 0 44 12" aria-hidden="true">
      {Array.from({ length: of }, (_, at) => (
        <rect key={at} className={at < slices ? (whole ? "whole" : "on") : "off"} x={at * (width + 1)} y="0" width={width} height="12" rx={Math.min(1.5, width / 3)} />
      ))}
    </svg>
  );
}

function Processor() {
  return (
    <svg className="foot" width="44" height="12" viewBox="0 0 44 12" aria-hidden="true">
      <rect x="16.5" y="0.5" width="11" height="11" rx="2.5" fill="none" stroke="var(--ink3)" />
      <rect x="19.5" y="3.5" width="5" height="5" fill="var(--ink3)" />
    </svg>
  );
}

export function Footprint({ template }: { template: string }) {
  const pool = usePool();
  const templates = useTemplates();
  const found = templates.data?.find((one) => one.name === template);
  if (!found) return <svg className="foot" width="44" height="12" aria-hidden="true" />;
  if (found.kind === "cpu") return <Processor />;
  if (found.kind === "gpus") {
    const of = pool.data?.boards.find((board) => board.family === found.family)?.memory_slices || 1;
    return <Glyph slices={of} of={of} whole />;
  }
  const part = partOf(found, pool.data?.boards ?? []);
  return part ? <Glyph {...part} /> : <Glyph slices={0} of={8} />;
}
