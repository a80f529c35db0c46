# SPDX-License-Identifier: Apache-2.0
"""What makes a job a workspace or an endpoint."""

from __future__ import annotations

import datetime

from . import model

Seconds = datetime.timedelta | float

# The same as `nav workspace start` (src/cli/services.cc), which a test holds.
JUPYTER = (
    "sh",
    "-c",
    r"""
if [ -z "$NAV_SOCKET" ]; then
  echo "nav: the agent's folder on this node has too long a path for a socket below it: Jupyter cannot be kept from other users here" >&2
  exit 78
fi
for kind in lab notebook server; do
  if jupyter $kind --version >/dev/null 2>&1; then
    exec jupyter $kind --ServerApp.sock="$NAV_SOCKET" --ServerApp.sock_mode=0600 --ServerApp.base_url="$NAV_SERVICE_PREFIX" \
      --ServerApp.open_browser=False --ServerApp.allow_remote_access=True --IdentityProvider.token=
  fi
done
echo "nav: Jupyter is not installed on this node, or not where jobs find it: pip install jupyterlab there, or give a command of your own after --" >&2
exit 127
""",
)


def duration(time: Seconds) -> datetime.timedelta:
    """A number is in seconds."""
    return time if isinstance(time, datetime.timedelta) else datetime.timedelta(seconds=time)


def service_of(kind: model.ServiceKind, health: str, idle_after: Seconds) -> model.Service:
    """What a request says of it."""
    return model.Service(kind=kind, health=health or None, idle_after=duration(idle_after))
