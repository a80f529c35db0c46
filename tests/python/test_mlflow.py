# SPDX-License-Identifier: Apache-2.0
"""Experiments, with MLflow's own client of two major versions."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest
from conftest import REPOSITORY
from installation import Installation

import opennav
from opennav import api
from opennav.call import Call

HERE = Path(__file__).resolve().parent
VERSIONS = ("2", "3")


def python_with(version: str) -> Path:
    found = REPOSITORY / ".venv" / f"mlflow-{version}" / "bin" / "python"
    if not found.exists():
        pytest.fail("tools/setup.sh test installs MLflow's clients", pytrace=False)
    return found


def environment(client: opennav.Client, tmp_path: Path) -> dict[str, str]:
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false", "HOME": str(tmp_path)}
    return os.environ | quiet | {"MLFLOW_TRACKING_URI": client.settings.url, "MLFLOW_TRACKING_TOKEN": client.settings.token}


@pytest.mark.parametrize("version", VERSIONS)
def test_what_people_do_with_mlflow_works(version: str, client: opennav.Client, tmp_path: Path) -> None:
    command = [str(python_with(version)), str(HERE / "mlflow_session.py"), f"session-{version}"]
    done = subprocess.run(command, env=environment(client, tmp_path), cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert f"MLflow {version}." in done.stdout


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("experiment", ["", "in-a-job"])
def test_a_script_that_logs_with_mlflow_works_unchanged_inside_a_job(version: str, experiment: str, client: opennav.Client) -> None:
    named = f"{experiment}-{version}" if experiment else ""
    command = [str(python_with(version)), str(HERE / "mlflow_script.py"), *([named] if named else [])]
    job = client.run(command, on=["mig-1g.5gb"], name=f"mlflow-{version}", env={"MLFLOW_DISABLE_TELEMETRY": "true"})
    details = job.wait()
    assert details.job.state == "succeeded", job.log()
    run = client.ask(api.get_run(f"{job.id:024x}00000001"))
    assert (run.state, run.name, run.params, run.attempt) == ("finished", f"mlflow-{version}", {"lr": "0.5"}, f"{job.id}.1")
    assert (run.tags["nav.on"], run.tags["nav.job"]) == ("mig-1g.5gb", str(job.id))
    assert client.ask(api.get_experiment(str(run.experiment))).name == (named or "Default")
    assert [point.value for point in client.all(api.list_points(run.id, metric="loss"))] == [1.0, 0.5, 1 / 3]
    listed = client.ask(api.get_job(job.id)).request
    assert "MLFLOW_TRACKING_TOKEN" not in (listed.env or {}), "the token stands in the job's environment alone"


def test_a_run_ends_with_its_job_when_the_script_did_not_end_it(client: opennav.Client) -> None:
    script = "import mlflow, os; mlflow.start_run(); mlflow.log_metric('x', 1); os.kill(os.getpid(), 9)"
    job = client.run([str(python_with("3")), "-c", script], on="cpu", env={"MLFLOW_DISABLE_TELEMETRY": "true"})
    job.wait()
    run = client.ask(api.get_run(f"{job.id:024x}00000001"))
    assert (run.state, run.metrics) == ("failed", {"x": 1})
    assert run.ended is not None


def test_a_job_that_logs_elsewhere_is_let(client: opennav.Client) -> None:
    job = client.run("env", on="cpu", env={"MLFLOW_TRACKING_URI": "https://elsewhere:1"})
    job.wait()
    assert "MLFLOW_TRACKING_URI=https://elsewhere:1" in job.log()
    assert "MLFLOW_TRACKING_TOKEN" not in job.log()
    assert "MLFLOW_RUN_ID" not in job.log()


def test_the_command_line_finds_the_best_and_compares(dgx: Installation, client: opennav.Client) -> None:
    made = []
    for accuracy in (0.5, 0.9, 0.7):
        run = post(client, "runs/create", {"experiment_id": "0", "run_name": f"acc-{accuracy}"})["run"]["info"]["run_id"]
        batch = {"metrics": [{"key": "top", "value": accuracy, "timestamp": 1}], "params": [{"key": "lr", "value": str(accuracy)}]}
        post(client, "runs/log-batch", {"run_id": run, **batch})
        made.append(run)
    best = dgx.ask("experiments", "best", "Default", "--metric", "top")["items"]
    assert [run["id"] for run in best] == [made[1]]
    assert [run["id"] for run in dgx.ask("experiments", "best", "Default", "--metric", "top", "--least", "-n", "2")["items"]] == [made[0], made[2]]
    assert [run.id for run in client.runs("Default", order="metrics.top DESC", most=1)] == [made[1]]
    assert "Default" in [one.name for one in client.experiments()]
    shown = dgx.nav("experiments", "compare", *made[:2])
    assert shown.code == 0, shown.err
    assert any(line.split() == ["metric", "top", "0.5", "0.9"] for line in shown.out.splitlines()), shown.out
    assert "Default" in dgx.nav("experiments", "list").out
    assert made[2] in dgx.nav("experiments", "show", "Default", "--filter", "metrics.top > 0.6").out
    assert dgx.nav("experiments", "best", "Default", "--metric", "none").code == 4
    assert dgx.nav("experiments", "show", "Default", "--filter", "top >").code == 3


def test_points_are_kept_when_the_server_is_killed_right_after_it_answered(tmp_path: Path) -> None:
    installation = Installation(tmp_path, "--simulate", "dgx-a100:1", "--no-agent")
    try:
        installation.start()
        client = opennav.Client(environment=installation.environment)
        run = post(client, "runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"]
        post(client, "runs/log-batch", {"run_id": run, "metrics": [{"key": "loss", "value": step, "timestamp": step, "step": step} for step in range(1000)]})
        assert installation.server is not None
        installation.server.kill()
        installation.server.wait()
        installation.start()
        client = opennav.Client(environment=installation.environment)
        assert len(list(client.all(api.list_points(run, metric="loss", limit=300)))) == 1000
        journal = (installation.data / "journal.db").read_bytes()
        assert b"loss" not in journal, "points are not in the journal"
    finally:
        installation.stop()


def test_a_thousand_points_at_a_time_are_logged_quickly(client: opennav.Client) -> None:
    run = post(client, "runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"]
    batches = 20
    began = time.monotonic()
    for batch in range(batches):
        metrics = [{"key": f"m{n % 10}", "value": n / 7, "timestamp": batch * 1000 + n, "step": batch * 100 + n // 10} for n in range(1000)]
        post(client, "runs/log-batch", {"run_id": run, "metrics": metrics})
    rate = batches * 1000 / (time.monotonic() - began)
    print(f"{rate:.0f} points a second, {batches} batches of 1,000, one client")
    assert rate > 2_000, "each batch is on disk before it is answered"


def post(client: opennav.Client, method: str, body: dict[str, object]) -> dict[str, dict[str, dict[str, str]]]:
    found: dict[str, dict[str, dict[str, str]]] = json.loads(client.ask(Call("POST", f"/api/2.0/mlflow/{method}", str, body=body)))
    return found
