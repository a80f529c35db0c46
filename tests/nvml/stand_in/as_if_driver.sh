#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs a command in a mount namespace where the nvidia module is loaded and FOLDER holds the PCI devices:
#   as_if_driver.sh FOLDER COMMAND...
# FOLDER has `modules` (as /proc/modules), `pci` (as /sys/bus/pci) and an empty `proc`, onto which the real /proc is moved aside.
set -eu
if [ "${NAV_INSIDE:-}" != yes ]; then
  if [ "$(id -u)" = 0 ]; then rights=; else rights=--map-root-user; fi
  # shellcheck disable=SC2086
  NAV_INSIDE=yes exec unshare --mount $rights "$0" "$@"
fi
folder=$1
shift
mount --rbind /proc "$folder/proc"
mount -t tmpfs tmpfs /proc
# Everything of /proc stays, by links, so that the driver sees the processes; only `modules` is another.
for entry in "$folder"/proc/*; do
  name=${entry##*/}
  [ "$name" = modules ] || ln -s "$entry" "/proc/$name" 2>/dev/null || true
done
cp "$folder/modules" /proc/modules
mount --rbind "$folder/pci" /sys/bus/pci
exec "$@"
