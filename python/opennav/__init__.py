# SPDX-License-Identifier: Apache-2.0
"""Run jobs on slices of GPUs: the Python side of OpenNav.

`Client` (or `AsyncClient`) speaks with a server; `Job` is a job of it, `FlowRun` a run of a `Flow`. `experiment` notes what comes of a job,
`out_of_memory` tells that it needs more memory, `search` (imported by name, with Optuna) draws trials by what others came to. `model` has every value of
the API, `api` every operation, `errors` what can go wrong. Nothing but Python's own library is needed.
"""

from __future__ import annotations

from . import api, artifacts, errors, experiment, flow, model, out_of_memory
from .aio import AsyncClient, AsyncJob
from .aio_flows import AsyncFlowRun
from .client import Client, Job
from .errors import NavError
from .flow import Flow, between
from .flow_runs import FlowRun
from .frames import frame
from .version import VERSION

__version__ = VERSION

__all__ = [
    "AsyncClient",
    "AsyncFlowRun",
    "AsyncJob",
    "Client",
    "Flow",
    "FlowRun",
    "Job",
    "NavError",
    "__version__",
    "api",
    "artifacts",
    "between",
    "errors",
    "experiment",
    "flow",
    "frame",
    "model",
    "out_of_memory",
]
