# SPDX-License-Identifier: Apache-2.0
"""A training that logs with MLflow and knows nothing of OpenNav."""

import sys

import mlflow

if len(sys.argv) > 1:
    mlflow.set_experiment(sys.argv[1])
with mlflow.start_run():
    mlflow.log_param("lr", 0.5)
    for epoch in range(3):
        mlflow.log_metric("loss", 1.0 / (epoch + 1), step=epoch)
    mlflow.log_text("done", "note.txt")
