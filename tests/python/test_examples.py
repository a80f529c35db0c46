# SPDX-License-Identifier: Apache-2.0
"""The examples as a person runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from conftest import REPOSITORY
from installation import Installation

import opennav

EXAMPLES = REPOSITORY / "examples"


def test_a_random_search_finds_a_model_and_batches_use_it_on_whatever_is_to_be_had(dgx: Installation, client: opennav.Client, tmp_path: Path) -> None:
    said = dgx.nav("flow", "run", EXAMPLES / "random_search" / "flow.yaml", "--wait", "--param", f"python={sys.executable}", timeout=500)
    assert said.code == 0, said.out + said.err + "".join(job.log()[-2000:] for job in client.jobs(state="failed", most=2))
    search = client.flow_runs(flow="random-search")[0]
    trials = search.trials("search")
    assert len(trials) == 8
    assert len({trial.parameters["rate"] for trial in trials}) == 8
    best = search.best("search")
    assert best.metrics["accuracy"] == max(trial.metrics["accuracy"] for trial in trials) > 0.8
    rows = [list(map(int, line.split(","))) for line in client.get(search.best("report").outputs[0].digest).decode().splitlines()]
    assert sum(rows[digit][digit] for digit in range(10)) / sum(map(sum, rows)) == search.best("report").metrics["accuracy"]

    # No slice is left: all parts fall back to processors.
    held = client.run_many("sleep 600", 8, on="a100", cpus=1, memory_mib=64)
    try:
        environment = dgx.environment | {"PYTHONPATH": str(REPOSITORY / "python")}
        script = [sys.executable, str(EXAMPLES / "batch_inference.py")]
        done = subprocess.run(script, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=500, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        for job in held:
            job.cancel()
        client.wait_all(held)
    parts = client.flow_runs(flow="batch-inference")[0].trials("read")
    assert [part.on for part in parts] == ["cpu"] * 6
    assert "1797 pictures" in done.stdout
    assert len((tmp_path / "read.csv").read_text().splitlines()) == 1797


def test_a_sweep_ends_trials_that_are_not_worth_going_on_with_and_keeps_the_best(dgx: Installation, client: opennav.Client) -> None:
    flow, library = EXAMPLES / "early_stopping" / "flow.yaml", REPOSITORY / "python"
    said = dgx.nav("flow", "run", flow, "--wait", "--param", f"python={sys.executable}", "--param", f"library={library}", timeout=500)
    assert said.code == 0, said.out + said.err + "".join(job.log()[-2000:] for job in client.jobs(state="failed", most=2))
    run = client.flow_runs(flow="early-stopping")[0]
    trials = run.trials("train")
    stopped = [trial for trial in trials if trial.stopped_early]
    assert len(trials) == 12
    assert 0 < len(stopped) < len(trials)
    assert all("the median of" in str(trial.stopped_early) for trial in stopped)
    best = run.best("train")
    assert best.number not in {trial.number for trial in stopped}
    assert best.metrics["accuracy"] == max(trial.metrics["accuracy"] for trial in trials if not trial.stopped_early) > 0.9
    assert [output.name for output in best.outputs] == ["model.pickle"]


def test_a_bayesian_search_is_a_component_and_its_best_is_trained(dgx: Installation, client: opennav.Client) -> None:
    flow, library = EXAMPLES / "bayesian_search" / "flow.yaml", REPOSITORY / "python"
    parameters = ["--param", f"python={sys.executable}", "--param", f"library={library}", "--param", "trials=6"]
    said = dgx.nav("flow", "run", flow, "--wait", *parameters, timeout=500)
    assert said.code == 0, said.out + said.err + "".join(job.log()[-2000:] for job in client.jobs(state="failed", most=2))
    run = client.flow_runs(flow="bayesian-search")[0]
    found = json.loads(client.get(run.best("search").outputs[0].digest))
    assert run.best("search").metrics == {"accuracy": found["accuracy"]}
    trials = client.jobs(name=f"search-{run.best('search').job}.")
    assert len(trials) == 6
    assert {trial.record.on for trial in trials} == {"mig-1g.5gb"}
    assert [output.name for output in run.best("train").outputs] == ["model.pickle"]
