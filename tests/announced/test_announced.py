# SPDX-License-Identifier: Apache-2.0
"""examples/announced/run as a person starts it, and then what the journal says happened."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "python"), str(REPOSITORY / "tests" / "e2e")]

from installation import Installation, nav_program  # noqa: E402

import opennav  # noqa: E402

# Each training begins once all have been started: that eighteen run at once must not depend on how fast this machine is.
PYTHON = """#!/bin/sh
if [ "$NAV_COMPONENT" = train ]; then
  touch MEETING/$NAV_TRIAL
  until [ $(ls MEETING | wc -l) -ge 18 ]; do sleep 0.2; done
fi
exec REAL "$@"
"""


@pytest.fixture
def meeting() -> Iterator[Path]:
    """A folder that jobs of every user can write into: each has a /tmp of its own."""
    folder = Path(mkdtemp(dir="/var/tmp"))
    (folder / "trials").mkdir()
    for one in (folder, folder / "trials"):
        one.chmod(0o777)
    yield folder
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_the_announced_flow_runs_for_real(tmp_path: Path, meeting: Path) -> None:
    real = REPOSITORY / ".venv" / "announced" / "bin" / "python"
    assert real.exists(), "tools/setup.sh announced installs PySpark and TensorFlow"
    python = meeting / "python"
    python.write_text(PYTHON.replace("MEETING", str(meeting / "trials")).replace("REAL", str(real)))
    python.chmod(0o755)
    site = Installation(tmp_path, "--simulate", "dgx-a100:3")
    environment = site.environment | {"NAV": str(nav_program()), "ANNOUNCED_PYTHON": str(python)}
    script = [str(REPOSITORY / "examples" / "announced" / "run"), str(tmp_path)]
    done = subprocess.run(script, env=environment, capture_output=True, text=True, timeout=800, check=False)
    print(done.stdout)
    try:
        site.start()  # over what the script left: all that follows comes from the journal
        with opennav.Client(environment=site.environment) as client:
            assert done.returncode == 0, done.stdout + done.stderr + logs_of_failed(client)
            check_record(client)
            check_files(site, tmp_path)
    finally:
        site.stop()


def logs_of_failed(client: opennav.Client) -> str:
    return "".join(f"\n--- job {job.id} {job.record.name}\n{job.log()[-3000:]}" for job in client.jobs(state="failed", most=2))


def check_record(client: opennav.Client) -> None:
    placed: dict[int, Any] = {}
    started: dict[int, Any] = {}
    ended: dict[int, Any] = {}
    for event in client.events(after=0, kind=["JobPlaced", "JobStarted", "AttemptEnded"]):
        job = event.job
        assert job is not None
        {"JobPlaced": placed, "JobStarted": started, "AttemptEnded": ended}[event.kind][job] = event
        if len(ended) == 20:
            break
    assert sorted(placed) == sorted(started) == list(range(1, 21)), "each of the twenty jobs was placed and started once"
    trials = range(2, 20)

    def gpu_of(job: int) -> tuple[str, int]:
        return str(placed[job].body["node"]), int(placed[job].body["gpus"][0])

    assert not placed[1].body.get("placement"), "Spark has a whole GPU"
    assert len(placed[1].body["gpus"]) == 1
    assert {placed[job].body["placement"].partition("@")[0] for job in trials} == {"1g.5gb"}
    assert sorted(Counter(gpu_of(job) for job in trials).values()) == [4, 7, 7]
    assert gpu_of(1) not in {gpu_of(job) for job in trials}, "Spark's GPU is another one"
    assert len({started[job].body["instance_uuid"] for job in trials}) == 18
    assert max(started[job].sequence for job in trials) < min(ended[job].sequence for job in trials), "all were started before any had ended"
    assert ended[1].sequence < min(placed[job].sequence for job in trials), "the trainings waited for the data"
    assert max(ended[job].sequence for job in trials) < placed[20].sequence, "inference waited for the best model"
    assert placed[20].body["rung"] == 0, "the first of its list was to be had"
    assert placed[20].body["placement"].startswith("1g.5gb@")
    nodes = client.nodes()
    assert not [gpu for node in nodes for gpu in node.gpus if gpu.holder or any(one.holder for one in gpu.slices)], "all is back in the pool"


def check_files(site: Installation, folder: Path) -> None:
    run = site.ask("flow", "show", "run-1")
    prepare, train, infer = run["components"]
    trials = train["trials"]
    best = trials[train["best"]]
    assert best["metrics"]["accuracy"] == max(trial["metrics"]["accuracy"] for trial in trials)
    assert len({tuple(sorted(trial["parameters"].items())) for trial in trials}) == 18
    assert prepare["trials"][0]["metrics"] == {"rows": 1797}
    assert "1797 images prepared by Spark on GPU-" in site.nav("logs", "1").out
    assert infer["trials"][0]["on"] == "mig-1g.5gb"
    with (folder / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    right = sum(row["digit"] == row["predicted"] for row in rows) / len(rows)
    assert right == pytest.approx(infer["trials"][0]["metrics"]["accuracy"])
    assert right == pytest.approx(best["metrics"]["accuracy"]), "it is the best model that predicted"
    assert site.nav("flow", "fetch", "run-1", "train", "model.keras", "--to", folder / "model.keras").code == 0
    assert "config.json" in zipfile.ZipFile(folder / "model.keras").namelist(), "Keras wrote it"
    assert os.path.getsize(folder / "model.keras") == best["outputs"][0]["size"]
