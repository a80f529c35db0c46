// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** The page's own elements carry this mark; the server puts a fresh nonce in its place each time it sends the page. */
const nonce = "NAV_NONCE";

const document = JSON.parse(readFileSync(new URL("../api/openapi.json", import.meta.url), "utf8")) as { paths: Record<string, unknown> };

export default defineConfig({
  plugins: [react()],
  // What this server can be asked: a page shows what the API of its own build has.
  define: { API_PATHS: JSON.stringify(Object.keys(document.paths).filter((path) => /metrics|reports|try$|usage|flow|experiments|webhooks$|defragment|report-schedules$|door$/.test(path))) },
  html: { cspNonce: nonce },
  build: {
    target: "es2022",
    sourcemap: false,
    chunkSizeWarningLimit: 400,
    // Small files stay files: the content policy takes fonts and scripts from this server alone.
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/v1": { target: process.env.NAV_URL ?? "http://127.0.0.1:8440" } } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
