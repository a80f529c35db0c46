# SPDX-License-Identifier: Apache-2.0
"""nav bench, in its quick form: every measurement gives figures. How good they are is for the table in docs/benchmarks.md, not for a test."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from installation import nav_program

EXPECTED = {
    "memory-shared", "memory-distinct", "recovery-replay", "recovery-checkpoint",
    "placements-bare-1k", "placements-bare-100k", "placements-planned-1k", "placements-planned-100k",
    "planner-index-1k", "planner-index-10k", "planner-index-100k", "planner-moves-100", "planner-moves-10k", "planner-moves-100k",
    "planner-moving-1k", "planner-moving-100k", "planner-cut",
    "submit-durable-1", "submit-durable-1-rate", "submit-durable-4", "submit-durable-4-rate",
    "start-idle-running", "start-idle-finished", "start-cut-running", "start-cut-finished",
    "door-latency-direct", "door-latency", "door-download-direct", "door-download", "door-new-visits",
    "api-single-rate", "api-single-latency", "api-batch-rate", "api-batch-latency",
    "top-refresh", "top-key",
    "telemetry-keeping", "telemetry-day-minutes", "telemetry-day-samples", "telemetry-week-by-team",
}  # fmt: skip


def bench(*words: str | Path, timeout: float = 600) -> subprocess.CompletedProcess[str]:
    return subprocess.run([nav_program(), "bench", *map(str, words)], capture_output=True, text=True, timeout=timeout, check=False)


def test_every_measurement_gives_figures_and_says_what_it_was_measured_on(tmp_path: Path) -> None:
    said = bench("--json", "--seconds", "1", "--clients", "4", "--data", tmp_path)
    assert said.returncode == 0, said.stderr
    report: dict[str, Any] = json.loads(said.stdout)
    assert {figure["name"] for figure in report["figures"]} == EXPECTED
    for figure in report["figures"]:
        assert 0 < figure["min"] <= figure["median"] <= figure["max"], figure
        assert "p99" not in figure or figure["median"] <= figure["p99"] <= figure["max"], figure
        assert figure["samples"] > 0 and figure["unit"] and figure["note"], figure
    assert report["on"]["cpus"] > 0 and report["on"]["memory_mib"] > 0 and report["on"]["disk"] and report["on"]["build"]
    assert list(tmp_path.iterdir()) == [], "it leaves nothing behind"


def test_a_name_that_is_none_is_refused_with_those_there_are() -> None:
    said = bench("placment")
    assert said.returncode == 3
    assert "placements-bare" in said.stderr and said.stdout == ""
