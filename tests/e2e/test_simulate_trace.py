# SPDX-License-Identifier: Apache-2.0
"""nav simulate trace, over traces of a few lines."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path
from typing import Any

from installation import Installation, nav_program

OPENB = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n"


def simulate(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([nav_program(), "simulate", "trace", *map(str, words)], capture_output=True, text=True, timeout=240, check=False)


def runs(*words: str | Path) -> list[dict[str, Any]]:
    said = simulate(*words, "--json")
    assert said.returncode == 0, said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def quarters_of_gpus(folder: Path, jobs: int) -> Path:
    """As many jobs at once, each of a quarter of a GPU for ten minutes."""
    trace = folder / "pods.csv"
    trace.write_text(OPENB + "".join(f"pod-{i},1000,1024,1,250,,LS,Running,{i},{i + 600},{i}\n" for i in range(jobs)))
    return trace


def test_cutting_gpus_saves_waiting_and_the_figures_say_how_much(tmp_path: Path) -> None:
    trace = quarters_of_gpus(tmp_path, 24)
    cut, whole = runs(trace, "--pool", "dgx-a100:1", "--policy", "nav,whole", "--price", "2.50")
    assert (cut["policy"], whole["policy"]) == ("nav", "whole")
    assert cut["format"] == "openb" and cut["jobs"] == 24 and cut["gpus"] == 8
    of_cut, of_whole = cut["groups"][0], whole["groups"][0]
    assert of_cut["wait"]["longest"] == 0, "three of each GPU"
    assert of_whole["wait"]["longest"] > 1000, "eight at a time"
    assert of_whole["gpu_hours"] == 4 and of_cut["gpu_hours"] < 2
    assert of_whole["cost"] == 10
    assert {group["name"] for group in cut["groups"] if group["by"] == "template"} == {"mig-2g.10gb"}


def test_a_wish_finds_the_smallest_pool_for_which_it_comes_true(tmp_path: Path) -> None:
    trace = quarters_of_gpus(tmp_path, 96)
    (found,) = runs(trace, "--pool", "dgx-a100", "--want", "p95 wait < 1m")
    assert found["want"] == "p95 wait < 1m" and found["groups"][0]["wait"]["p95"] < 60
    nodes = found["gpus"] // 8
    (fewer,) = runs(trace, "--pool", f"dgx-a100:{nodes - 1}")
    assert fewer["groups"][0]["wait"]["p95"] >= 60
    said = simulate(trace, "--pool", "dgx-a100", "--want", "p95 wait < 1m")
    assert f"takes dgx-a100:{nodes} with nav: {found['gpus']} GPUs" in said.stdout


def test_pools_stand_side_by_side_and_what_is_asked_for_is_saved(tmp_path: Path) -> None:
    trace = quarters_of_gpus(tmp_path, 40)
    saved = {name: tmp_path / name for name in ("all.csv", "jobs.csv", "picture.svg", "page.html")}
    words = ["--pool", "dgx-a100:1", "--pool", "v100:2,dgx-h100:1", "--by", "template"]
    said = simulate(trace, *words, "--csv", saved["all.csv"], "--jobs", saved["jobs.csv"], "--svg", saved["picture.svg"], "--html", saved["page.html"])
    assert said.returncode == 0, said.stderr
    assert "dgx-a100:1" in said.stdout and "v100:2,dgx-h100:1" in said.stdout and "mig-2g.20gb" in said.stdout
    rows = list(csv.DictReader(saved["all.csv"].open()))
    assert [row["pool"] for row in rows if row["by"] == "all"] == ["dgx-a100:1", "v100:2,dgx-h100:1"]
    jobs = list(csv.DictReader(saved["jobs.csv"].open()))
    assert len(jobs) == 80 and all(float(job["completion_s"]) >= 600 for job in jobs)
    assert saved["picture.svg"].read_text().count("<path") == 4
    assert "By template" in saved["page.html"].read_text()


def test_the_same_seed_gives_the_same_figures(tmp_path: Path) -> None:
    trace = quarters_of_gpus(tmp_path, 60)

    def figures() -> dict[str, Any]:
        (run,) = runs(trace, "--pool", "dgx-a100:1", "--restartable", "0.5", "--seed", "7")
        return {key: value for key, value in run.items() if key not in ("took_s", "jobs_per_s")}

    assert figures() == figures()


def test_broken_lines_are_told_with_number_and_reason_and_counted(tmp_path: Path) -> None:
    trace = tmp_path / "jobs.csv"
    trace.write_text("submitted,duration,gpus\n0,60,1\n5,soon,1\n6,60,1\nx,60,1\n7,60,9\n")
    said = simulate(trace, "--pool", "dgx-a100:1")
    assert said.returncode == 0, said.stderr
    assert 'jobs.csv line 3: duration is "soon", not a number' in said.stderr
    assert "jobs.csv line 5: submitted" in said.stderr
    assert "2 of 5 lines were skipped" in said.stderr
    assert "1 left out on dgx-a100:1: they ask for more GPUs than one node has (8)" in said.stdout


def test_what_cannot_be_read_is_refused_with_what_would_be_right(tmp_path: Path) -> None:
    trace = tmp_path / "people.csv"
    trace.write_text("name,age\nada,36\n")
    said = simulate(trace)
    assert said.returncode == 3 and said.stdout == ""
    for column in ("name,age", "creation_time", "timestamp", "submitted"):
        assert column in said.stderr
    assert "No such file" in simulate(tmp_path / "none.csv").stderr
    assert "is a folder" in simulate(tmp_path).stderr
    pods = quarters_of_gpus(tmp_path, 1)
    for words, wanted in (
        (["--pool", "dgx-a100:0"], "1 to 20000"),
        (["--pool", "cray:2"], "cray"),
        (["--policy", "lifo"], "nav, fcfs, whole"),
        (["--want", "p42 wait < 1m"], "p95 wait < 10m"),
        (["--load", "0"], "0.001 to 1000"),
        (["--csv", tmp_path / "none" / "figures.csv"], "cannot be written"),
    ):
        refused = simulate(pods, *words)
        assert refused.returncode != 0 and refused.stdout == "", words
        assert wanted in refused.stderr, refused.stderr


def test_what_an_installation_did_is_replayed_while_it_runs_and_on_other_hardware(dgx: Installation) -> None:
    for wish in ("mig-1g.5gb", "mig-3g.20gb", "a100-x2", "cpu"):
        dgx.wait_for_state(dgx.submit("--on", wish, "--", "true"), "succeeded")
    waiting = dgx.submit("--on", "cpu", "--", "sleep", "600")
    dgx.wait_for_state(waiting, "running")
    (own,) = runs("--journal", dgx.data)
    assert own["format"] == "journal" and own["pool"] == "a100x8:1" and own["jobs"] == 4 and own["lines"] == 5
    assert own["left_out"] == [{"why": "have not run to an end", "jobs": 1}]
    assert {group["name"] for group in own["groups"] if group["by"] == "template"} == {"mig-1g.5gb", "mig-3g.20gb", "a100-x2", "cpu"}
    assert [group["name"] for group in own["groups"] if group["by"] == "team"] == ["default"]
    (other,) = runs("--journal", dgx.data, "--pool", "dgx-h100:1")
    assert {group["name"] for group in other["groups"] if group["by"] == "template"} == {"mig-1g.10gb", "mig-3g.40gb", "h100-x2", "cpu"}
    dgx.nav("cancel", str(waiting))
    dgx.wait_for_state(waiting, "cancelled")


def test_a_folder_without_a_journal_is_said_to_be_one_and_left_as_it_was(tmp_path: Path) -> None:
    said = simulate("--journal", tmp_path)
    assert said.returncode == 4 and "there is no journal in" in said.stderr
    assert list(tmp_path.iterdir()) == []
    assert simulate("x.csv", "--journal", tmp_path).returncode == 2
