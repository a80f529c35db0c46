# SPDX-License-Identifier: Apache-2.0
"""What makes a job a workspace or an endpoint."""

from __future__ import annotations

import datetime

from . import model

Seconds = datetime.timedelta | float


def duration(time: Seconds) -> datetime.timedelta:
    """A number is in seconds."""
    return time if isinstance(time, datetime.timedelta) else datetime.timedelta(seconds=time)


def service_of(kind: model.ServiceKind, health: str, idle_after: Seconds) -> model.Service:
    """What a request says of it."""
    return model.Service(kind=kind, health=health or None, idle_after=duration(idle_after))
