#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lays the C++ sources out as .clang-format says.
#   tools/format.sh          rewrites what differs
#   tools/format.sh --check  names what differs, changes nothing, exits with 1 if there is any
set -euo pipefail
cd "$(dirname "$0")/.."

sources() { git ls-files --cached --others --exclude-standard -- 'src/*.h' 'src/*.cc'; }
if [ "${1:-}" = --check ]; then
  wrong=0
  while read -r file; do
    [ -f "$file" ] || continue
    if ! clang-format "$file" | cmp -s - "$file"; then
      echo "$file: not laid out as .clang-format says; tools/format.sh does it"
      wrong=1
    fi
  done < <(sources)
  exit $wrong
fi
sources | while read -r file; do [ -f "$file" ] && echo "$file"; done | xargs -r clang-format -i
