# SPDX-License-Identifier: Apache-2.0
"""Notes what comes of a job, without MLflow: inside a job these are of its run, which `nav experiments` and MLflow's client show.

    from opennav import experiment

    experiment.params(rate=0.1)
    for epoch in range(10):
        experiment.log(step=epoch, loss=train(epoch))
    experiment.file("model.pt")
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from .client import Client
from .errors import InvalidArgument
from .tracking import file_of


def run_id() -> str:
    """The run of this job's attempt: 32 hexadecimal digits."""
    return _place()[1]


def log(step: int = 0, **metrics: float) -> None:
    """Metrics at a step. Each is on the server's disk when this returns."""
    client, run = _place()
    client.log(run, metrics, step=step)


def params(**values: Any) -> None:
    """What it was given. A parameter is said once: another value for it is refused."""
    client, run = _place()
    client.log(run, params=values)


def tag(**values: Any) -> None:
    """Words to find it by; said again, they are replaced."""
    client, run = _place()
    client.log(run, tags=values)


def file(path: str | Path, name: str | None = None) -> None:
    """Keeps a file with the run, 256 MiB at most."""
    client, run = _place()
    client.ask(file_of(run, name or Path(path).name, Path(path).read_bytes()))


def _place() -> tuple[Client, str]:
    names = ("MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_TOKEN", "MLFLOW_RUN_ID", "NAV_URL", "NAV_TOKEN_FILE", "NAV_TOKEN")
    return _found(tuple((name, os.environ.get(name, "")) for name in names))


@lru_cache(maxsize=1)
def _found(variables: tuple[tuple[str, str], ...]) -> tuple[Client, str]:
    given = dict(variables)
    run, url = given["MLFLOW_RUN_ID"], given["MLFLOW_TRACKING_URI"]
    if not run:
        raise InvalidArgument("there is no run to note this in: MLFLOW_RUN_ID is not set", "a job of OpenNav has one; elsewhere use client.log(run, ...)")
    # NAV_URL says which CA the server has, too; another place that the job named is spoken to as MLflow's client would.
    own = given["NAV_URL"].partition("#")[0].rstrip("/")
    if own and url.rstrip("/") in ("", own):
        return Client(), run
    return Client(url, given["MLFLOW_TRACKING_TOKEN"]), run
