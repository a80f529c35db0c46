# SPDX-License-Identifier: Apache-2.0
"""Run jobs on slices of GPUs: the Python side of OpenNav.

`Client` (or `AsyncClient`) speaks with a server; `Job` is a job of it. `model` has every value of the API, `api` every operation, `errors` what can
go wrong. Nothing but Python's own library is needed.
"""

from __future__ import annotations

from . import api, errors, model
from .aio import AsyncClient, AsyncJob
from .client import Client, Job
from .errors import NavError
from .frames import frame
from .version import VERSION

__version__ = VERSION

__all__ = ["AsyncClient", "AsyncJob", "Client", "Job", "NavError", "__version__", "api", "errors", "frame", "model"]
