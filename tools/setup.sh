#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what building and testing OpenNav needs on Debian 12 and is not there yet. Removes nothing, ever.
#   tools/setup.sh build    compiler and libraries
#   tools/setup.sh example  a Python environment with scikit-learn, for the first training
#   tools/setup.sh test     what the tests add: Python clients, Go, analysis tools
set -euo pipefail
cd "$(dirname "$0")/.."
part=${1:?build, example or test}

build_packages=(g++ cmake ninja-build ccache mold pkg-config libfmt-dev libexpected-dev libsimdjson-dev libsqlite3-dev libssl-dev
                libsodium-dev libcurl4-openssl-dev libcli11-dev python3 python3-venv ca-certificates procps)
test_packages=(libgtest-dev librapidcheck-dev clang clang-format libclang-rt-14-dev iproute2 util-linux tmux git)

sudo_for_apt() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

install_missing() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  echo "Installing ${#missing[@]} Debian packages (about a minute): ${missing[*]}"
  sudo_for_apt apt-get update -qq
  sudo_for_apt env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-remove --no-install-recommends "${missing[@]}" >/dev/null
}

# Boost 1.81's package conflicts with 1.74's, which other packages of this machine may need: then it is unpacked beside, as headers.
install_boost() {
  local have
  for include in .deps/boost/usr/include /usr/include; do
    have=$(sed -n 's/^#define BOOST_VERSION \([0-9]*\)$/\1/p' "$include/boost/version.hpp" 2>/dev/null || true)
    [ "${have:-0}" -ge 108100 ] && return
  done
  echo "Installing Boost 1.81 (headers)"
  sudo_for_apt apt-get update -qq
  if sudo_for_apt env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-remove --no-install-recommends libboost1.81-dev >/dev/null 2>&1; then return; fi
  mkdir -p .deps/boost
  (cd .deps && apt-get download -qq libboost1.81-dev && dpkg -x libboost1.81-dev_*.deb boost && rm -f libboost1.81-dev_*.deb)
}

venv_with() {
  [ -x .venv/bin/python ] || python3 -m venv .venv
  .venv/bin/python - "$@" <<'PYTHON' && return
import importlib.metadata as metadata, sys
for wanted in sys.argv[1:]:
    name, _, version = wanted.partition("==")
    try:
        if version and metadata.version(name) != version: sys.exit(1)
        metadata.version(name)
    except metadata.PackageNotFoundError:
        sys.exit(1)
PYTHON
  echo "Installing Python packages into .venv: $*"
  .venv/bin/pip install -q --disable-pip-version-check "$@"
}

case $part in
  build) install_missing "${build_packages[@]}"; install_boost ;;
  example) install_missing python3 python3-venv; venv_with scikit-learn ;;
  test)
    install_missing "${build_packages[@]}" "${test_packages[@]}"; install_boost
    venv_with scikit-learn pytest nvidia-ml-py schemathesis ;;
  *) echo "tools/setup.sh: build, example or test, not \"$part\"" >&2; exit 2 ;;
esac
