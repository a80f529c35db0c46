# SPDX-License-Identifier: Apache-2.0
"""Bayesian search against a whole installation: each trial is a real job."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY
from installation import Installation, wait_until

import opennav
from opennav import between, errors, search

# A trial that notes how near to 3 its parameter is, and fails beyond 9.
TRIAL = """
import os, sys
from opennav import experiment
x = float(sys.argv[1])
assert os.environ["NAV_PARAM_x"] == sys.argv[1]
if x > 9: sys.exit("too far")
experiment.log(nearness=-(x - 3) ** 2)
"""
LIBRARY = str(REPOSITORY / "python")


WISHES: dict[str, Any] = {"on": "cpu", "cpus": 0.1, "memory_mib": 128, "env": {"PYTHONPATH": LIBRARY}}


def test_trials_draw_nearer_to_what_is_best(client: opennav.Client) -> None:
    said: list[str] = []
    space = {"x": between(-10, 10), "kind": ["a", "b"]}
    # One at a time and from a seed, so that it always comes to the same.
    found = search.bayesian(
        client, ["python3", "-c", TRIAL, "{x}"], space=space, metric="nearness", trials=14, seed=1, name="near", say=said.append, **WISHES
    )
    assert [trial.number for trial in sorted(found.trials, key=lambda one: one.number)] == list(range(14))
    valued = [trial for trial in found.trials if trial.value is not None]
    assert all(trial.value == pytest.approx(-((trial.parameters["x"] - 3) ** 2)) for trial in valued)
    assert all(trial.parameters["x"] > 9 and "failed" in trial.problem for trial in found.trials if trial.value is None)
    assert found.best.value == max(trial.value or -1e9 for trial in valued)
    assert len(said) == 14
    # Those drawn after something was known are nearer, on average, than those drawn before.
    distance = {trial.number: abs(trial.parameters["x"] - 3) for trial in found.trials}
    late, early = [distance[number] for number in range(7, 14)], [distance[number] for number in range(4)]
    assert sum(late) / len(late) < sum(early) / len(early)


def test_a_search_that_is_killed_goes_on_where_it_was(dgx: Installation, client: opennav.Client, tmp_path: Path) -> None:
    (tmp_path / "space.json").write_text(json.dumps({"x": {"low": -10, "high": 5}}))
    command = [sys.executable, "-m", "opennav.search", "--space", "space.json", "--on", "cpu", "--metric", "nearness", "--trials", "6", "--parallel", "2"]
    command += ["--name", "killed", "--env", f"PYTHONPATH={LIBRARY}", "--", "python3", "-c", TRIAL, "{x}"]
    environment = {**os.environ, **dgx.environment, "PYTHONPATH": LIBRARY}
    first = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)
    wait_until("some trials", lambda: len(client.jobs(name="killed.")) >= 3, 120)
    first.send_signal(signal.SIGKILL)
    first.wait()
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = client.jobs(name="killed.")
    assert sorted(job.record.name for job in jobs) == [f"killed.{number}" for number in range(6)]
    best = json.loads((tmp_path / "found.json").read_text())
    assert best["nearness"] == pytest.approx(-((best["parameters"]["x"] - 3) ** 2))
    assert json.loads((tmp_path / "metrics.json").read_text()) == {"nearness": best["nearness"]}
    assert "the best of 6 is trial" in done.stdout


def test_a_search_that_is_ended_takes_its_trials_with_it(dgx: Installation, client: opennav.Client, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "opennav.search", "--space", "-", "--on", "cpu", "--metric", "nearness", "--trials", "3", "--parallel", "2"]
    command += ["--name", "ended", "--", "sleep", "600"]
    environment = {**os.environ, **dgx.environment, "PYTHONPATH": LIBRARY}
    running = subprocess.Popen(command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert running.stdin
    running.stdin.write(b'{"x": [1, 2]}')
    running.stdin.close()
    wait_until("both trials", lambda: len(client.jobs(name="ended.")) == 2, 120)
    running.terminate()
    assert running.wait(timeout=60) == 143
    for job in client.jobs(name="ended."):
        assert job.wait().job.state.value == "cancelled"


def test_trials_that_note_nothing_are_told(client: opennav.Client) -> None:
    found = search.bayesian(client, "true", space={"x": [1, 2]}, on="cpu", metric="loss", goal="min", trials=2, name="silent")
    assert [trial.problem for trial in found.trials] == ["it noted no loss"] * 2
    with pytest.raises(errors.NotFound, match="none of 2 trials came to a value of loss: job "):
        _ = found.best


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"space": {}}, "space"),
        ({"space": {"x": []}}, "space.x"),
        ({"space": {"a b": [1]}}, "space.a b"),
        ({"space": {"x": between(2, 1)}}, "space.x"),
        ({"space": {"x": between(0, 1, log=True)}}, "space.x.low"),
        ({"space": {"x": between(0.5, 2, whole=True)}}, "space.x"),
        ({"goal": "best"}, "goal"),
        ({"trials": 0}, "trials"),
        ({"parallel": 0}, "parallel"),
    ],
)
def test_what_will_not_do_starts_nothing(client: opennav.Client, wrong: dict[str, Any], field: str) -> None:
    wish: dict[str, Any] = {"space": {"x": [1, 2]}, "on": "cpu", "metric": "loss", "trials": 2, "name": "wrong"} | wrong
    with pytest.raises(errors.InvalidArgument) as refused:
        search.bayesian(client, "true", **wish)
    assert refused.value.field == field
    assert refused.value.hint
    assert client.jobs(name="wrong.") == []


def test_the_program_names_what_is_wrong(dgx: Installation, tmp_path: Path) -> None:
    def said(space: str, *more: str) -> tuple[int, str]:
        (tmp_path / "space.json").write_text(space)
        command = [sys.executable, "-m", "opennav.search", "--space", "space.json", "--on", "cpu", "--metric", "loss", "--trials", "2", *more, "true"]
        environment = {**os.environ, **dgx.environment, "PYTHONPATH": LIBRARY}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stderr

    code, text = said("{")
    assert (code, text.partition(" JSON")[0]) == (2, "space: the space is not")
    assert said('{"x": {"low": 1}}') == (2, "space.x: x says low; low and high, and perhaps log and whole\n")
    assert said('{"x": 7}') == (2, "space.x: x is neither a list nor a range; a list of values, or an object with low and high\n")
    assert said('{"x": [1]}', "--env", "PATH") == (2, "env: 'PATH' is no variable; --env NAME=VALUE\n")
    assert said('{"x": [1]}', "--on", "no-such-template")[0] == 2
