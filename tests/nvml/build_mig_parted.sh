#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds nvidia-mig-parted, NVIDIA's own MIG tool, at the version that mig_parted/go.mod pins, into build/mig-parted.
set -eu
here=$(CDPATH= cd "$(dirname "$0")" && pwd)
into=${1:-$here/../../build/mig-parted}
mkdir -p "$into"
into=$(CDPATH= cd "$into" && pwd)
if ! command -v go >/dev/null; then
  echo "build_mig_parted.sh: Go 1.24 or newer is needed to build nvidia-mig-parted" >&2
  exit 1
fi
cd "$here/mig_parted"
CGO_ENABLED=1 go build -o "$into/nvidia-mig-parted" github.com/NVIDIA/mig-parted/cmd/nvidia-mig-parted
