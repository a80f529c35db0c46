# SPDX-License-Identifier: Apache-2.0
"""What is noted of a run, as requests: the part of MLflow's REST API that writes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from .call import Call

PREFIX = "/api/2.0/mlflow"


def batch_of(run: str, metrics: Mapping[str, float], step: int, params: Mapping[str, Any], tags: Mapping[str, Any]) -> Call[object]:
    """Metrics at one step, parameters and tags, in one request that is taken as a whole or not at all."""
    now = time.time_ns() // 1_000_000
    points = [{"key": name, "value": _number(value), "timestamp": now, "step": step} for name, value in metrics.items()]
    body = {"run_id": run, "metrics": points, "params": _pairs(params), "tags": _pairs(tags)}
    return Call("POST", f"{PREFIX}/runs/log-batch", object, body=body, repeatable=True)


def file_of(run: str, name: str, content: bytes) -> Call[object]:
    return Call("PUT", "/api/2.0/mlflow-artifacts/artifacts/{run}/artifacts/{name}", object, segments={"run": run, "name": name}, body=content)


def _number(value: Any) -> float | str:
    """JSON has no NaN and no infinity."""
    number = float(value)
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "Infinity" if number > 0 else "-Infinity"
    return number


def _pairs(values: Mapping[str, Any]) -> list[dict[str, str]]:
    return [{"key": name, "value": str(value)} for name, value in values.items()]
