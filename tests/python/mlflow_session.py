# SPDX-License-Identifier: Apache-2.0
"""What people do with MLflow's own client, with whichever version runs this; ends with an assertion if the server answers otherwise."""

from __future__ import annotations

import math
import sys
import tempfile
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

NAME = sys.argv[1]
client = MlflowClient()


def refused(code: str, act: object, *arguments: object, **named: object) -> None:
    try:
        act(*arguments, **named)  # type: ignore[operator]
    except MlflowException as error:
        assert error.error_code == code, f"{error.error_code}: {error}"
    else:
        raise AssertionError(f"{code} was expected")


# A script as people write it.
assert mlflow.get_experiment_by_name(NAME) is None
experiment = mlflow.set_experiment(NAME)
with mlflow.start_run(run_name="first", tags={"team": "x"}, description="a note") as active:
    mlflow.log_param("lr", 0.1)
    mlflow.log_params({"model": "tree", "depth": 3})
    for step in range(5):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_metrics({"accuracy": 0.9, "strange": float("nan"), "top": float("inf"), "low": float("-inf")}, step=4)
    mlflow.set_tag("stage", "test")
    mlflow.set_tags({"a": "1", "b": "2"})
    mlflow.log_text("hello", "notes/hello.txt")
    mlflow.log_dict({"x": 1}, "config.json")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "deep").mkdir()
        (Path(folder) / "deep" / "model.bin").write_bytes(bytes(range(256)) * 1000)
        mlflow.log_artifacts(folder, "models")
run = mlflow.get_run(active.info.run_id)
assert run.info.status == "FINISHED"
assert run.info.run_name == "first"
assert run.info.end_time >= run.info.start_time
assert run.data.params == {"lr": "0.1", "model": "tree", "depth": "3"}
assert run.data.metrics["loss"] == 0.2
assert math.isnan(run.data.metrics["strange"])
assert run.data.metrics["top"] == math.inf
assert run.data.metrics["low"] == -math.inf
assert run.data.tags["stage"] == "test"
assert run.data.tags["mlflow.note.content"] == "a note"
assert run.data.tags["mlflow.source.name"].endswith("mlflow_session.py")

# Its history, and files.
points = client.get_metric_history(run.info.run_id, "loss")
assert [(point.step, point.value) for point in points] == [(step, 1 / (step + 1)) for step in range(5)]
assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["config.json", "models", "notes"]
assert client.list_artifacts(run.info.run_id, "models/deep")[0].file_size == 256_000
with tempfile.TemporaryDirectory() as folder:
    got = client.download_artifacts(run.info.run_id, "models", folder)
    assert (Path(got) / "deep" / "model.bin").read_bytes() == bytes(range(256)) * 1000
assert mlflow.artifacts.load_text(run.info.artifact_uri + "/notes/hello.txt") == "hello"

# Several runs, and the best of them.
for number in range(6):
    one = client.create_run(experiment.experiment_id, run_name=f"trial-{number}", tags={"kind": "trial"})
    metrics = [Metric("loss", number / 10, step, step) for step in range(3)]
    client.log_batch(one.info.run_id, metrics=metrics, params=[Param("seed", str(number))], tags=[RunTag("odd", str(number % 2))])
    client.set_terminated(one.info.run_id, "FAILED" if number == 5 else "FINISHED")
found = client.search_runs([experiment.experiment_id], "tags.kind = 'trial' and metrics.loss < 0.35", order_by=["metrics.loss DESC"])
assert [one.info.run_name for one in found] == ["trial-3", "trial-2", "trial-1", "trial-0"]
page = client.search_runs([experiment.experiment_id], max_results=4)
assert len(page) == 4
assert page.token
assert len(client.search_runs([experiment.experiment_id], max_results=4, page_token=page.token)) == 3
assert [one.info.run_name for one in client.search_runs([experiment.experiment_id], "attributes.status = 'FAILED'")] == ["trial-5"]
assert [one.info.run_name for one in client.search_runs([experiment.experiment_id], "params.seed IN ('1', '2') and tags.odd = '1'")] == ["trial-1"]

# A long batch, twice: as a client does that heard nothing.
for _ in range(2):
    client.log_batch(run.info.run_id, metrics=[Metric("long", step / 7, 1_000 + step, step) for step in range(1000)])
assert len(client.get_metric_history(run.info.run_id, "long")) == 1000

# Deleting and restoring.
trial = found[0].info.run_id
client.delete_run(trial)
assert trial not in [one.info.run_id for one in client.search_runs([experiment.experiment_id])]
assert [one.info.run_id for one in client.search_runs([experiment.experiment_id], run_view_type=ViewType.DELETED_ONLY)] == [trial]
client.restore_run(trial)
client.update_run(trial, name="renamed")
assert client.get_run(trial).info.run_name == "renamed"
client.delete_tag(trial, "odd")
assert "odd" not in client.get_run(trial).data.tags

# Experiments.
client.set_experiment_tag(experiment.experiment_id, "data", "mnist")
assert client.get_experiment(experiment.experiment_id).tags["data"] == "mnist"
client.rename_experiment(experiment.experiment_id, NAME + "-renamed")
assert [one.name for one in client.search_experiments(filter_string=f"name LIKE '{NAME}%'")] == [NAME + "-renamed"]
client.delete_experiment(experiment.experiment_id)
assert client.search_experiments(filter_string=f"name LIKE '{NAME}%'") == []
client.restore_experiment(experiment.experiment_id)

# What is refused.
refused("RESOURCE_DOES_NOT_EXIST", client.get_run, "0123456789abcdef0123456789abcdef")
refused("INVALID_PARAMETER_VALUE", client.log_param, trial, "seed", "99")
refused("RESOURCE_ALREADY_EXISTS", client.create_experiment, NAME + "-renamed")
refused("INVALID_PARAMETER_VALUE", client.search_runs, [experiment.experiment_id], "loss <")
print("MLflow", mlflow.__version__, "works")
