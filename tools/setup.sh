#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what building and testing OpenNav needs on Debian 12 and is not there yet. Removes nothing, ever.
#   tools/setup.sh build           compiler and libraries
#   tools/setup.sh example [VENV]  a Python environment with scikit-learn, for the first training (.venv)
#   tools/setup.sh web             Node.js, for the pages; nav builds and works without them
#   tools/setup.sh announced       Java, and PySpark and TensorFlow in .venv/announced (2 GB), for the announced flow
#   tools/setup.sh test            what the tests add: Python clients of NVML and HTTP, clang for the fuzzers, Prometheus, torch and MPI (157 MB)
set -euo pipefail
cd "$(dirname "$0")/.."
part=${1:?build, example, web, announced or test}
venv=${2:-.venv}

build_packages=(g++ cmake ninja-build ccache mold pkg-config libfmt-dev libexpected-dev libsimdjson-dev libsqlite3-dev libssl-dev
                libsodium-dev libyaml-cpp-dev libcurl4-openssl-dev ca-certificates tzdata)
example_packages=(python3 python3-venv)
test_packages=(chromium prometheus libgtest-dev librapidcheck-dev clang clang-format libclang-rt-14-dev curl git iproute2 openssl procps util-linux
               openmpi-bin python3-torch)
test_python=(scikit-learn pytest pytest-xdist pyyaml nvidia-ml-py schemathesis mypy ruff pandas pyarrow setuptools wheel playwright optuna "moto[server]")

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else
    echo "tools/setup.sh: this needs root or sudo: $*" >&2
    return 1
  fi
}

apt_updated=
apt_install() {
  [ -n "$apt_updated" ] || as_root apt-get update -qq
  apt_updated=yes
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-remove --no-install-recommends "$@" </dev/null >/dev/null
}

install_missing() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  echo "Installing ${#missing[@]} Debian packages (one to three minutes): ${missing[*]}"
  apt_install "${missing[@]}"
}

boost_is_new_enough() {
  local version
  version=$(sed -n 's/^#define BOOST_VERSION \([0-9]*\)$/\1/p' "$1/boost/version.hpp" 2>/dev/null || true)
  [ "${version:-0}" -ge 108100 ]
}

# Boost 1.81's package conflicts with 1.74's, which other packages of this machine may need: then it is unpacked beside, as headers.
install_boost() {
  if boost_is_new_enough .deps/boost/usr/include || boost_is_new_enough /usr/include; then return; fi
  echo "Installing Boost 1.81 (headers)"
  if apt_install libboost1.81-dev 2>/dev/null; then return; fi
  echo "It would remove a package of this machine, so it is unpacked into .deps/boost instead"
  rm -rf .deps/boost && mkdir -p .deps/boost
  (cd .deps && apt-get download -qq libboost1.81-dev && dpkg -x libboost1.81-dev_*.deb boost && rm -f libboost1.81-dev_*.deb)
}

# Node.js 18 or newer, wherever it comes from.
install_node() {
  if command -v npm >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge 18 ]; then return; fi
  install_missing nodejs npm
}

# MLflow's own client in two major versions, each in an environment of its own: the tests log with them.
install_mlflow_clients() {
  local major
  for major in 2 3; do (venv=.venv/mlflow-$major venv_with "mlflow-skinny==$major.*"); done
}

# The packages asked for are all in the environment.
venv_has() {
  "$venv/bin/python" - "$@" <<'PYTHON'
import importlib.metadata
import re
import sys

try:
    for name in sys.argv[1:]:
        importlib.metadata.version(re.split(r"[=\[]", name)[0])
except importlib.metadata.PackageNotFoundError:
    sys.exit(1)
PYTHON
}

venv_with() {
  # Debian's own Python where there is one: another may lie where the users that jobs run as cannot reach it.
  local python=/usr/bin/python3
  [ -x "$python" ] || python=python3
  [ -x "$venv/bin/pip" ] || "$python" -m venv "$venv"
  if venv_has "$@"; then return; fi
  echo "Installing Python packages into $venv (about a minute): $*"
  "$venv/bin/pip" install -q --disable-pip-version-check "$@"
}

case $part in
  build) install_missing "${build_packages[@]}"; install_boost ;;
  example) install_missing "${example_packages[@]}"; venv_with scikit-learn ;;
  web) install_node ;;
  announced)
    command -v java >/dev/null || install_missing openjdk-17-jre-headless
    venv=.venv/announced
    venv_with wheel
    venv_with 'pyspark==3.5.*' tensorflow-cpu scikit-learn ;;
  test)
    install_node
    install_missing "${build_packages[@]}" "${example_packages[@]}" "${test_packages[@]}"
    install_boost
    venv_with "${test_python[@]}"
    install_mlflow_clients ;;
  *) echo "tools/setup.sh: build, example, web, announced or test, not \"$part\"" >&2; exit 2 ;;
esac
