# SPDX-License-Identifier: Apache-2.0
"""Flows, artifacts, reports and what jobs note, from Python, against a whole installation."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from conftest import REPOSITORY
from installation import Installation

import opennav
from opennav import api, errors, model

OUTSIDE = 3


def test_functions_become_components_and_pass_files_and_metrics(client: opennav.Client, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("one two three\n")
    flow = opennav.Flow("functions", parameters={"times": 2}, folder=tmp_path)

    @flow.job(on="cpu", inputs={"words.txt": "./words.txt"}, outputs="many.txt")
    def repeat(times: int, inputs: Path, outputs: Path) -> dict[str, int]:
        words = (inputs / "words.txt").read_text() * times
        (outputs / "many.txt").write_text(words)
        return {"words": len(words.split())}

    @flow.sweep(
        on=["mig-1g.5gb", "cpu"], grid={"rate": [0.5, 0.25], "fast": [True]}, inputs={"many.txt": repeat.output("many.txt")}, metric="score", goal="min"
    )
    def train(rate: float, fast: bool, inputs: Path) -> dict[str, float]:
        assert fast is True
        return {"score": rate * len((inputs / "many.txt").read_text().split())}

    flow.job("serve", ["true"], on="cpu", when=train.best.metric("score") < 1)
    flow.job("after", ["true"], on="cpu", after=[repeat, "train"], when=train.best.metric("score") <= 1.5)
    assert [one.trials for one in client.check_flow(flow).components if one.name == "train"] == [2]
    run = client.run_flow(flow)
    details = run.wait(check=True)
    assert {one.name: one.state.value for one in details.components} == {"repeat": "succeeded", "train": "succeeded", "serve": "skipped", "after": "succeeded"}
    assert run.best("train").parameters == {"rate": "0.25", "fast": "true"}
    assert {trial.metrics["score"] for trial in run.trials("train")} == {3, 1.5}
    assert {trial.on for trial in run.trials("train")} == {"mig-1g.5gb"}
    assert run.fetch("repeat", "many.txt", tmp_path / "back").read_text() == "one two three\n" * 2
    assert run.id in [one.id for one in client.flow_runs(flow="functions")]
    assert "functions" in [one.name for one in client.flows()]
    assert run.rerun("after").wait(check=True).run.rerun_of == run.id
    pytest.importorskip("pandas")
    table = opennav.frame(run.trials("train"))
    assert sorted(table["metrics.score"]) == [1.5, 3]
    assert set(table["parameters.rate"]) == {"0.25", "0.5"}


def test_a_trial_that_runs_out_of_memory_climbs_and_the_others_stay(client: opennav.Client) -> None:
    flow = opennav.Flow("hungry")

    @flow.sweep(on="mig-1g.5gb", grid={"units": [8, 512]}, metric="score")
    def train(units: int) -> dict[str, float]:
        import os

        class OutOfMemoryError(RuntimeError):
            pass

        if units == 512 and os.environ["NAV_PLACEMENT"].startswith("1g.5gb"):
            raise OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return {"score": units}

    run = client.run_flow(flow)
    run.wait(check=True)
    got = {trial.parameters["units"]: trial for trial in run.trials("train")}
    assert {units: trial.on for units, trial in got.items()} == {"8": "mig-1g.5gb", "512": "mig-1g.10gb"}
    climbed = client.job(got["512"].job).details()
    assert [one.on for one in climbed.attempts] == ["mig-1g.5gb", "mig-1g.10gb"]
    assert climbed.attempts[0].outcome is model.Outcome.OUT_OF_MEMORY
    why = "mig-1g.5gb ran out of memory: OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB; it begins anew on mig-1g.10gb"
    assert why in [one.why for one in climbed.rungs]
    assert len(client.job(got["8"].job).details().attempts) == 1


def test_trials_that_do_worse_than_the_others_are_stopped_early(client: opennav.Client) -> None:
    flow = opennav.Flow("early")

    @flow.sweep(
        on="cpu",
        cpus=0.5,
        memory="256M",
        grid={"score": [1, 2, 3, 4], "library": [str(REPOSITORY / "python")]},
        metric="accuracy",
        early_stopping={"rule": "median", "after": 2, "every": 100},
    )
    def train(score: int, library: str) -> dict[str, float]:
        import sys
        import time

        sys.path.insert(0, library)
        from opennav import experiment

        for step in (1, 2, 3):
            experiment.log(step=step, accuracy=score / 10)
        while score < 3:  # until somebody says that it is not worth going on
            experiment.log(step=4, accuracy=score / 10)
            time.sleep(0.1)
        return {"accuracy": score / 10}

    run = client.run_flow(flow)
    run.wait(check=True)
    ended = {trial.parameters["score"]: trial for trial in run.trials("train")}
    assert {score for score, trial in ended.items() if trial.stopped_early} == {"1", "2"}
    assert ended["1"].stopped_early == "accuracy was 0.1 at best by step 2, and the median of 3 others is 0.3"
    assert ended["1"].state is model.JobState.CANCELLED
    assert ended["1"].metrics == {"accuracy": 0.1}
    assert client.job(ended["1"].job).record.message == "stopped early"
    assert run.best("train").parameters["score"] == "4"
    with pytest.raises(errors.InvalidArgument, match="early stopping has no eater"):
        flow.sweep("typo", ["true"], on="cpu", grid={"rate": [1]}, metric="a", early_stopping={"eater": 3})


def test_a_job_whose_program_lets_the_library_watch_climbs_if_it_said_so(client: opennav.Client) -> None:
    program = f"""
import os, sys
sys.path.insert(0, {str(REPOSITORY / "python")!r})
import opennav
if os.environ["NAV_PLACEMENT"].startswith("1g.5gb"):
    raise RuntimeError("CUDA error: out of memory")
"""
    stays, climbs = (client.run(["python3", "-c", program], on="mig-1g.5gb", on_out_of_memory=what) for what in ("fail", "climb"))
    climbed = climbs.wait().job
    assert (climbed.state, climbed.on) == (model.JobState.SUCCEEDED, "mig-1g.10gb")
    assert stays.wait().job.message == "RuntimeError: CUDA error: out of memory"


def test_what_a_flow_has_wrong_is_said_before_anything_is_sent(client: opennav.Client, tmp_path: Path) -> None:
    flow = opennav.Flow("wrong", folder=tmp_path)
    with pytest.raises(errors.InvalidArgument, match="uses OUTSIDE from outside of it"):

        @flow.job(on="cpu")
        def leans() -> dict[str, int]:
            return {"x": OUTSIDE}

    with pytest.raises(errors.InvalidArgument, match="sweeps over nothing"):
        flow.sweep("empty", ["true"], on="cpu", grid={})
    with pytest.raises(errors.InvalidArgument, match="has no tries"):
        flow.job("typo", ["true"], on="cpu", tries=3)  # type: ignore[call-overload]
    first = flow.job("first", ["true"], on="cpu", inputs={"a": "./missing"})
    with pytest.raises(errors.InvalidArgument, match="there is a component first already"):
        flow.job("first", ["true"], on="cpu")
    with pytest.raises(FileNotFoundError):
        client.run_flow(flow)
    flow = opennav.Flow("wrong")
    flow.job("second", ["true"], on="cpu", inputs={"a": first.output("nothing")})
    with pytest.raises(errors.InvalidArgument) as refused:
        client.run_flow(flow)
    assert refused.value.field == "definition.components.second.inputs.a"
    assert not client.flow_runs(flow="wrong")


def test_a_sweep_alone_draws_at_random_and_a_failure_is_raised_where_asked_for(client: opennav.Client) -> None:
    command = ["sh", "-c", 'echo "{\\"loss\\": {{rate}}}" > $NAV_OUTPUTS/metrics.json']
    run = client.sweep(command, name="drawn", on="cpu", random={"rate": opennav.between(0.001, 0.1, log=True)}, trials=4, seed=7, metric="loss", goal="min")
    run.wait(check=True)
    rates = [float(trial.parameters["rate"]) for trial in run.trials("drawn")]
    assert len(set(rates)) == 4
    assert all(0.001 <= rate <= 0.1 for rate in rates)
    assert run.best("drawn").metrics["loss"] == min(rates)
    with pytest.raises(errors.FlowFailed, match="exit code 3"):
        client.sweep(["sh", "-c", "exit 3"], name="failing", on="cpu", grid={"x": [1]}).wait(check=True)
    with pytest.raises(errors.InvalidArgument, match="1000000 trials|trials"):
        client.sweep(["true"], on="cpu", grid={name: list(range(100)) for name in "abc"})


def test_a_flow_has_services(client: opennav.Client) -> None:
    flow = opennav.Flow("served")
    listen = "import http.server, os; http.server.HTTPServer(('127.0.0.1', int(os.environ['NAV_PORT'])), http.server.SimpleHTTPRequestHandler).serve_forever()"
    serve = flow.endpoint("serve", ["python3", "-c", listen], on="cpu", health="/")
    flow.job("ask", ["sh", "-c", 'echo "$NAV_DOOR_SERVE" > $NAV_OUTPUTS/path'], on="cpu", after=serve, outputs="path")
    run = client.run_flow(flow)
    components = {one.name: one for one in run.wait(check=True).components}
    assert components["serve"].state is model.ComponentState.SUCCEEDED
    assert client.get(components["ask"].trials[0].outputs[0].digest).decode() == f"/jobs/{components['serve'].trials[0].job}/\n"
    with pytest.raises(errors.InvalidArgument, match="a job has no health"):
        flow.job("other", ["true"], on="cpu", health="/")  # type: ignore[call-overload]


def test_artifacts_are_sent_once_and_come_back_as_they_were(client: opennav.Client, tmp_path: Path) -> None:
    content = os.urandom(9 * 1024 * 1024 + 1)
    (tmp_path / "big").write_bytes(content)
    digest = client.put(tmp_path / "big")
    assert client.put(content) == digest
    assert client.get(digest) == content
    assert client.fetch(digest, tmp_path / "back").read_bytes() == content
    assert client.get(client.put(b"")) == b""
    assert digest in [one.digest for one in client.artifacts() if one.used_by == []]
    with pytest.raises(errors.NotFound):
        client.get("sha256:" + "0" * 64)
    other = opennav.artifacts.digest_of(b"another")
    with pytest.raises(errors.NavError):
        client.ask(api.put_artifact(other, b"a forger", offset=0, size=8))
    with pytest.raises(errors.NotFound):
        client.get(other)
    client.delete_artifact(digest)
    with pytest.raises(errors.NotFound):
        client.delete_artifact(digest)


def test_a_job_notes_what_comes_of_it_without_mlflow(client: opennav.Client) -> None:
    script = """
import sys
sys.path.insert(0, sys.argv[1])
from opennav import experiment
experiment.params(rate=0.1)
for step in range(3):
    experiment.log(step=step, loss=1 / (step + 1), odd=float("nan"))
experiment.tag(kind="noted")
open("model.txt", "w").write("weights")
experiment.file("model.txt")
"""
    job = client.run(["/usr/bin/python3", "-c", script, str(REPOSITORY / "python")], on="cpu", name="noting")
    job.wait()
    assert job.state == "succeeded", job.log()
    run = client.ask(api.get_run(f"{job.id:024x}00000001"))
    assert run.state is model.RunState.FINISHED
    assert (run.params, run.metrics["loss"], run.tags["kind"]) == ({"rate": "0.1"}, 1 / 3, "noted")
    assert str(run.metrics["odd"]) == "nan"
    assert [point.value for point in client.all(api.list_points(run.id, metric="loss"))] == [1, 0.5, 1 / 3]
    client.log(run.id, {"late": 1.5}, tags={"seen": True})
    assert client.ask(api.get_run(run.id)).metrics["late"] == 1.5
    pytest.importorskip("pandas")
    table = opennav.frame(client.runs("Default"))
    assert table[table["id"] == run.id]["metrics.loss"].iloc[0] == pytest.approx(1 / 3)


def test_outside_of_a_job_there_is_no_run_to_note_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_RUN_ID", raising=False)
    with pytest.raises(errors.InvalidArgument, match="no run to note this in"):
        opennav.experiment.log(loss=1)


def test_asyncio_runs_flows_as_well(dgx: Installation) -> None:
    async def all_of_it() -> tuple[str, bytes]:
        async with opennav.AsyncClient(environment=dgx.environment) as client:
            flow = opennav.Flow("awaited")
            flow.job("say", ["sh", "-c", "echo hi > $NAV_OUTPUTS/said"], on="cpu", outputs=["said"])
            run = await client.run_flow(flow)
            details = await run.wait(check=True)
            assert (await client.report("usage", by=["project"])).by == ["project"]
            return details.run.state.value, await client.get((await run.best("say")).outputs[0].digest)

    assert asyncio.run(all_of_it()) == ("succeeded", b"hi\n")
