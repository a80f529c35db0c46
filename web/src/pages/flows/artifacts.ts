// SPDX-License-Identifier: Apache-2.0
import { answerOf } from "../../api/client";

const part = 1 << 20;

/** Brings a file into the store of artifacts and answers the digest by which flows name it. What is there already is not sent again. */
export async function keep(file: File, project: string | undefined): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const digest = `sha256:${[...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  for (let offset = 0; ;) {
    const query = new URLSearchParams({ offset: String(offset), size: String(bytes.length), ...(project ? { project } : {}) });
    const answer = (await (await answerOf("PUT", `/v1/artifacts/${encodeURIComponent(digest)}?${query}`, { bytes: bytes.subarray(offset, offset + part) })).json()) as { stored: number; complete: boolean };
    if (answer.complete || answer.stored <= offset) return digest;
    offset = answer.stored;
  }
}
