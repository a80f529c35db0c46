#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Records the session that README.md shows, as docs/images/session.svg: real commands on an installation of its own with simulated machines.
# Run ./quickstart before, and nav down. Paths of this machine are shown from the clone on.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" != inside ]; then
  exec script -qec "stty cols 112 rows 50; $0 inside" /dev/null | tools/terminal_svg.py >docs/images/session.svg
fi

temporary=$(mktemp -d)
export PATH=$PWD/build/${PRESET:-release}/bin:$PATH NAV_DATA=$temporary/data
trap 'nav down --stop-jobs >/dev/null; rm -rf "$temporary"' EXIT
example=$PWD
[ ! -x /opt/opennav/.venv/bin/python ] || example=/opt/opennav
shown() {
  printf '\e[1m$ %s\e[0m\n' "$*"
  "${@//examples\//$example/examples/}"
}
run() {
  printf '\e[1m$ nav run %s\e[0m\n' "$*"
  local words=("${@//examples\//$example/examples/}")
  nav run "${words[@]/#python/$example/.venv/bin/python}"
}

shown nav up --simulate dgx-a100:3 --no-agent --background | grep -v '^It runs in the background'
run --on a100-x2 --name warm-up -- sleep 60
run --on mig-3g.20gb --count 2 --name big -- sleep 60
run --on mig-1g.5gb --count 18 --name trial -- python examples/train_digits.py
sleep 3
shown nav pool | sed -n '1,/^dgx-a100-2/p' | sed '$d'
shown nav logs -f 4
run --on mig-7g.40gb --count 30 --name whole -- sleep 60
sleep 1
shown nav why 45
shown nav jobs --state running --limit 4
