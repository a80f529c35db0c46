# SPDX-License-Identifier: Apache-2.0
"""Flows on a whole installation, as a person runs them. Shell stands in for Spark and TensorFlow, which examples/announced/run uses."""

from __future__ import annotations

import json
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from installation import Installation, wait_until

ANNOUNCED = """
name: announced
components:
  prepare:
    on: [a100]
    command: [sh, -c, 'cp $NAV_INPUTS/text $NAV_OUTPUTS/data']
    inputs: {text: ./text}
    outputs: [data]
  train:
    kind: sweep
    on: [mig-1g.5gb]
    command: [sh, -c, 'touch MEETING/$NAV_TRIAL
        && until [ $(ls MEETING | wc -l) -ge 18 ]; do sleep 0.1; done
        && cat $NAV_INPUTS/data > $NAV_OUTPUTS/model && echo {{rate}} >> $NAV_OUTPUTS/model
        && echo "{\\"accuracy\\": 0.$NAV_PARAM_rate}" > $NAV_OUTPUTS/metrics.json']
    inputs: {data: prepare.data}
    outputs: [model]
    grid: {rate: [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27]}
    metric: accuracy
  infer:
    on: [mig-1g.5gb, v100-cloud, cpu]
    when: train.best.metrics.accuracy > 0.2
    command: [sh, -c, 'cp $NAV_INPUTS/model $NAV_OUTPUTS/answer']
    inputs: {model: train.best.model}
    outputs: [answer]
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("flows"), "--simulate", "dgx-a100:3")
    try:
        installation.start()
        yield installation
    finally:
        installation.stop()


def written(folder: Path, text: str) -> Path:
    (folder / "text").write_text("hello\n")
    path = folder / "flow.yaml"
    path.write_text(text)
    return path


def details(site: Installation, run: str) -> Any:
    return site.ask("flow", "show", run)


def component(run: Any, name: str) -> Any:
    return next(one for one in run["components"] if one["name"] == name)


def ended(site: Installation, run: str, patience: float = 120) -> Any:
    def over() -> Any:
        found = details(site, run)
        return found if found["run"]["state"] != "running" else None

    return wait_until(f"{run} is over", over, patience)


def test_the_announced_flow_runs_as_announced(site: Installation, tmp_path: Path, meeting: Path) -> None:
    made = site.nav("template", "create", "v100-cloud", "--gpu", "v100", "--for-later")
    assert made.code == 0, made.err
    said = site.nav("flow", "run", written(tmp_path, ANNOUNCED.replace("MEETING", str(meeting))), "--wait", timeout=180)
    assert said.code == 0, said.out + said.err
    run = details(site, "run-1")

    prepare = component(run, "prepare")["trials"][0]
    assert (prepare["on"], prepare["state"]) == ("a100", "succeeded")
    train = component(run, "train")
    trials = train["trials"]
    assert len(trials) == 18
    assert max(trial["started"] for trial in trials) < min(trial["ended"] for trial in trials), "all started before any finished"
    assert len({trial["instance_uuid"] for trial in trials}) == 18
    gpus = Counter((trial["node"], trial["place"].split()[0]) for trial in trials)
    assert sorted(gpus.values()) == [4, 7, 7]
    assert {trial["on"] for trial in trials} == {"mig-1g.5gb"}

    assert trials[train["best"]]["parameters"] == {"rate": "27"}
    infer = component(run, "infer")["trials"][0]
    assert infer["on"] == "mig-1g.5gb"
    fetched = site.nav("flow", "fetch", "run-1", "infer", "answer", "--to", tmp_path / "answer")
    assert fetched.code == 0, fetched.err
    assert (tmp_path / "answer").read_text() == "hello\n27\n"
    placed = [event for event in site.ask("job", str(trials[0]["job"]))["history"] if event["kind"] == "JobPlaced"]
    assert len(placed) == 1, "the journal has it too"

    nodes = site.ask("nodes")["items"]
    assert not any(slice_.get("holder") for node in nodes for gpu in node["gpus"] for slice_ in gpu["slices"]), "all is back in the pool"


def test_a_controller_killed_in_the_middle_changes_nothing(tmp_path: Path, meeting: Path) -> None:
    site = Installation(tmp_path, "--simulate", "dgx-a100:3")
    try:
        site.start()
        site.nav("template", "create", "v100-cloud", "--gpu", "v100", "--for-later")
        run = site.nav("flow", "run", written(tmp_path, ANNOUNCED.replace("MEETING", str(meeting)).replace("-ge 18", "-ge 19"))).out.strip()
        wait_until("the trainings run", lambda: len(list(meeting.iterdir())) == 18)
        assert site.server
        site.server.send_signal(signal.SIGKILL)
        site.server.wait()
        site.start()
        (meeting / "one-more").touch()
        found = ended(site, run)
        assert found["run"]["state"] == "succeeded", found
        assert len(component(found, "train")["trials"]) == 18
        assert len(site.ask("jobs")["items"]) == 20, "each trial was queued once"
    finally:
        site.stop()


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("on: [a100]", "on: [a1000]"), 5, "there is no template"),
        (("data: prepare.data", "data: prepar.data"), 16, 'there is no component "prepar"'),
        (("text: ./text", "text: ./missing"), 7, "there is no file"),
        (("inputs: {text: ./text}", "inputs: {text: ./text}\n    after: [infer]"), 21, "the components wait for each other"),
        (("rate: [10, 11", "rats: [10, 11"), 12, 'there is no parameter "rate"'),
        (("kind: sweep", "kind: swep"), 10, "one of job, sweep"),
    ],
)
def test_what_is_wrong_is_named_with_its_line_and_nothing_starts(site: Installation, tmp_path: Path, change: tuple[str, str], line: int, words: str) -> None:
    before = len(site.ask("flow", "list")["items"])
    flow = written(tmp_path, ANNOUNCED.replace("v100-cloud, ", "").replace(*change))
    for command in ("validate", "run"):
        said = site.nav("flow", command, flow)
        assert said.code == 3, said.out + said.err
        assert words in said.err
        assert f"flow.yaml:{line}:" in said.err
    assert len(site.ask("flow", "list")["items"]) == before


def test_a_failed_trial_fails_its_sweep_and_a_rerun_takes_over_what_succeeded(site: Installation, tmp_path: Path) -> None:
    text = """
name: shaky
parameters: {wanted: "no"}
components:
  first: {on: cpu, command: [sh, -c, 'echo 1 > $NAV_OUTPUTS/one'], outputs: one}
  second: {on: cpu, command: [sh, -c, 'test {{wanted}} = yes'], inputs: {one: first.one}}
  third: {on: cpu, command: ["true"], after: second}
"""
    run = site.nav("flow", "run", written(tmp_path, text)).out.strip()
    found = ended(site, run)
    assert [one["state"] for one in found["components"]] == ["succeeded", "failed", "skipped"]
    again = ended(site, site.nav("flow", "rerun", run).out.strip())
    assert component(again, "first")["taken_over"]
    assert component(again, "second")["trials"][0]["job"] != component(found, "second")["trials"][0]["job"]
    better = site.nav("flow", "run", "shaky", "--param", "wanted=yes", "--wait")
    assert better.code == 0, better.out + better.err


def test_what_somebody_has_to_approve_waits_for_their_word_whatever_is_killed(site: Installation, tmp_path: Path) -> None:
    text = """
name: careful
components:
  train: {on: cpu, command: ["true"]}
  serve: {on: cpu, after: train, command: [sh, -c, 'nav flow approve $NAV_FLOW_RUN publish'], approval: "Is it good?"}
  publish: {on: cpu, after: train, command: ["true"], approval: "May all see it?", approvers: WHOEVER}
"""
    text = text.replace("WHOEVER", site.ask("whoami")["user"])
    run = site.nav("flow", "run", written(tmp_path, text)).out.strip()
    wait_until("both are asked for", lambda: details(site, run)["run"]["awaiting_approval"] == ["publish", "serve"])
    assert "awaits approval" in site.nav("flow", "list").out
    assert "Is it good?" in site.nav("flow", "show", run).out
    assert "did you mean serve?" in site.nav("flow", "approve", run, "serv").err
    site.server.send_signal(signal.SIGKILL)
    site.server.wait()
    site.start()
    assert site.nav("flow", "approve", run, "serve", "--note", "very").code == 0
    wait_until("a job may not answer", lambda: component(details(site, run), "serve")["state"] == "failed")
    assert component(details(site, run), "publish")["state"] == "awaiting_approval"
    assert site.nav("flow", "reject", run, "publish").code == 0
    found = ended(site, run)
    assert [component(found, one)["state"] for one in ("train", "serve", "publish")] == ["succeeded", "failed", "skipped"]
    approval = component(found, "serve")["approval"]
    assert (approval["approved"], approval["note"]) == (True, "very")
    assert site.nav("flow", "approve", run, "publish").code == 3, "the run is over"
    said = site.nav("flow", "run", written(tmp_path, text.replace("approvers: ", "approvers: x")))
    assert 'there is no user "x' in said.err
    assert f"did you mean {site.ask('whoami')['user']}?" in said.err


def test_what_has_not_changed_is_not_run_again(site: Installation, tmp_path: Path) -> None:
    text = """
name: thrifty
cache: true
components:
  prepare: {on: cpu, command: [sh, -c, 'cat inputs/text > outputs/data; date +%N >> outputs/data'], inputs: {text: ./text}, outputs: data}
  train: {kind: sweep, on: [mig-1g.5gb, cpu], command: [sh, -c, 'echo "{\\"score\\": {{rate}}}" > outputs/metrics.json'],
          inputs: {data: prepare.data}, grid: {rate: [1, 2]}, metric: score}
"""
    flow = written(tmp_path, text)

    def ran(*more: str | Path) -> tuple[str, list[str | None]]:
        run = site.nav("flow", "run", *more).out.strip()
        found = ended(site, run)
        assert found["run"]["state"] == "succeeded", found
        return run, [trial.get("reused_from") for one in found["components"] for trial in one["trials"]]

    first, reused = ran(flow)
    assert reused == [None, None, None]
    second, reused = ran(flow)
    assert reused == [first, first, first]
    assert f"as in {first}: nothing has changed" in site.nav("flow", "show", second).out
    flow.write_text(text.replace("[1, 2]", "[1, 2, 3]"))
    third, reused = ran(flow)
    assert reused == [first, first, first, None]
    assert component(details(site, third), "train")["best"] == 2, "what is handed on is compared with what ran"
    for run in (first, third):
        assert site.nav("flow", "fetch", run, "prepare", "data", "--to", tmp_path / run).code == 0
    assert (tmp_path / first).read_bytes() == (tmp_path / third).read_bytes()
    assert ran(flow, "--no-cache")[1] == [None, None, None, None]
    (tmp_path / "text").write_text("changed\n")
    assert ran(flow)[1] == [None, None, None, None], "a file beside the flow is part of it"
    written(tmp_path, text.replace("cache: true", "cache: perhaps"))
    said = site.nav("flow", "validate", flow)
    assert said.code == 3
    assert "flow.yaml:3:" in said.err


def test_outputs_that_are_links_are_not_read(site: Installation, tmp_path: Path) -> None:
    text = "name: sly\ncomponents:\n  a: {on: cpu, command: [ln, -s, /etc/passwd, outputs/data], outputs: data}\n"
    found = ended(site, site.nav("flow", "run", written(tmp_path, text)).out.strip())
    assert found["run"]["state"] == "failed"
    assert "links are not followed" in json.dumps(found)
