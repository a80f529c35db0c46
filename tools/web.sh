#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the pages for browsers into web/dist, which lies beside nav as build/*/bin/web. Does nothing when nothing has changed since.
# With --packages it only fetches what building them needs.
set -euo pipefail
cd "$(dirname "$0")/../web"

sources() {
  cat ../api/openapi.json package.json package-lock.json index.html ./*.ts ./*.mjs
  find src public -type f ! -name schema.d.ts -print0 | sort -z | xargs -0 cat
}
digest=$(sources | sha256sum | cut -d ' ' -f 1)
if [ "$(cat dist/.built-from 2>/dev/null)" = "$digest" ]; then exit 0; fi
if ! cmp -s package-lock.json node_modules/.installed-from 2>/dev/null; then
  # Not `npm ci`: npm 11 refuses a lock file that leaves out the parts for other machines.
  npm install --no-save --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.installed-from
fi
[ "${1:-}" != --packages ] || exit 0
npm run --silent types >/dev/null
npm run --silent build
echo "$digest" >dist/.built-from
