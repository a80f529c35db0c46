#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Lays the C++ sources out as .clang-format says.
#   tools/format.sh          rewrites what differs
#   tools/format.sh --check  names what differs, changes nothing, exits with 1 if there is any
set -euo pipefail
cd "$(dirname "$0")/.."

sources() {
  git ls-files --cached --others --exclude-standard --deduplicate -- 'src/*.h' 'src/*.cc' |
    while read -r file; do if [ -f "$file" ]; then echo "$file"; fi; done
}
if [ "${1:-}" = --check ]; then
  wrong=$(sources | xargs -r clang-format --dry-run --ferror-limit=1 2>&1 | sed -n 's/^\([^:]*\):.*code should be clang-formatted.*/\1/p' | sort -u)
  [ -n "$wrong" ] || exit 0
  echo "Not laid out as .clang-format says; tools/format.sh does it:"
  echo "$wrong"
  exit 1
fi
sources | xargs -r clang-format -i
