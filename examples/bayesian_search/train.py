# SPDX-License-Identifier: Apache-2.0
"""A small network on handwritten digits. As a trial it tells how well it reads digits it has not seen; with --best it is trained on all of them and kept."""

import argparse
import json
import os
import pickle
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float)
parser.add_argument("--units", type=int)
parser.add_argument("--activation")
parser.add_argument("--best", type=Path, help="what the search found")
options = parser.parse_args()
chosen = json.loads(options.best.read_text())["parameters"] if options.best else vars(options)

pictures, digits = load_digits(return_X_y=True)
pictures = pictures / 16
model = MLPClassifier((chosen["units"],), activation=chosen["activation"], solver="sgd", learning_rate_init=chosen["rate"], random_state=0)
seen = np.ones(len(digits), bool) if options.best else np.arange(len(digits)) % 5 > 0  # one in five is kept to compare the trials
for _ in range(60):
    model.partial_fit(pictures[seen], digits[seen], classes=np.arange(10))

if options.best:
    (Path(os.environ["NAV_OUTPUTS"]) / "model.pickle").write_bytes(pickle.dumps(model))
    print(f"trained on {len(digits)} digits with {chosen}")
else:
    from opennav import experiment

    accuracy = float(model.score(pictures[~seen], digits[~seen]))
    experiment.log(accuracy=accuracy)
    print(f"accuracy {accuracy:.4f}")
