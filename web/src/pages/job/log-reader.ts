// SPDX-License-Identifier: Apache-2.0
import { answerOf } from "../../api/client";

/** What was read of a log: its lines, and how much of its beginning was left out. */
export interface LogText {
  lines: string[];
  skipped: number;
  size: number;
  state: "reading" | "following" | "complete" | "broken";
}

const tail = 4 << 20;
const mostLines = 400_000;

/** Cuts text into lines as it comes; the last one may still grow. A carriage return begins its line anew, as on a terminal. */
export function appendText(lines: string[], text: string): string[] {
  const parts = ((lines.at(-1) ?? "") + text).split("\n").map((line) => {
    const trimmed = line.endsWith("\r") ? line.slice(0, -1) : line;
    return trimmed.slice(trimmed.lastIndexOf("\r") + 1);
  });
  const next = lines.slice(0, -1).concat(parts);
  return next.length > mostLines ? next.slice(next.length - mostLines) : next;
}

/** Follows one attempt's log to its end, telling what there is at most some times a second. */
export async function followLog(job: number, attempt: number, signal: AbortSignal, tell: (log: LogText) => void): Promise<void> {
  const path = `/v1/jobs/${job}/log?attempt=${attempt}`;
  let log: LogText = { lines: [], skipped: 0, size: 0, state: "reading" };
  let dirty = true;
  const show = () => {
    if (!dirty) return;
    dirty = false;
    tell(log);
  };
  const showing = setInterval(show, 120);
  let offset = -1;
  try {
    for (let tries = 0; !signal.aborted && tries < 1000; ++tries) {
      try {
        if (offset < 0) {
          const head = await answerOf("GET", `${path}&limit=1`, { signal });
          await head.arrayBuffer();
          const size = Number(head.headers.get("Nav-Log-Size") ?? 0);
          offset = Math.max(0, size - tail);
          log = { ...log, skipped: offset };
        }
        const response = await answerOf("GET", `${path}&offset=${offset}&follow=true`, { signal });
        log = { ...log, state: "following" };
        dirty = true;
        const reader = response.body!.getReader();
        const decoder = new TextDecoder();
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          offset += value.byteLength;
          log = { ...log, lines: appendText(log.lines, decoder.decode(value, { stream: true })), size: offset };
          dirty = true;
        }
        log = { ...log, state: "complete" };
        dirty = true;
        return;
      } catch (error) {
        if (signal.aborted) return;
        log = { ...log, state: "broken" };
        dirty = true;
        await new Promise((resolve) => setTimeout(resolve, Math.min(8000, 500 * 2 ** Math.min(tries, 4))));
        if (error instanceof TypeError) continue; // the line broke in the middle
      }
    }
  } finally {
    clearInterval(showing);
    if (!signal.aborted) show();
  }
}
