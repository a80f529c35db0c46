# SPDX-License-Identifier: Apache-2.0
"""One trial: a small network by stochastic gradient descent, which tells its accuracy after each pass and goes on as long as that gets better."""

import argparse
import json
import os
import pickle
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
from opennav import experiment
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, required=True)
options = parser.parse_args()

most_passes, patience = 400, 150
pictures, digits = load_digits(return_X_y=True)
pictures = pictures / 16
seen = np.arange(len(digits)) % 5 > 0  # one in five is kept to compare the trials
model = MLPClassifier((32,), solver="sgd", learning_rate_init=options.rate, random_state=0)
experiment.params(rate=options.rate)
best, best_at = 0.0, 0
kept = b""
for step in range(1, most_passes + 1):
    model.partial_fit(pictures[seen], digits[seen], classes=np.arange(10))
    accuracy = float(model.score(pictures[~seen], digits[~seen]))
    experiment.log(step=step, accuracy=accuracy, loss=float(model.loss_))
    if accuracy > best:
        best, best_at, kept = accuracy, step, pickle.dumps(model)
    if step - best_at >= patience:
        break

outputs = Path(os.environ["NAV_OUTPUTS"])
(outputs / "model.pickle").write_bytes(kept)
(outputs / "metrics.json").write_text(json.dumps({"accuracy": best}))
print(f"trial {os.environ['NAV_TRIAL']} with rate {options.rate:g}: accuracy {best:.4f} after pass {best_at}, {step} passes")
