# SPDX-License-Identifier: Apache-2.0
"""One trial: a small network on the handwritten digits that ship with scikit-learn. Leaves the model and its accuracy."""

import argparse
import json
import os
import pickle
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, required=True)
parser.add_argument("--hidden", type=int, required=True)
parser.add_argument("--activation", required=True)
options = parser.parse_args()
warnings.filterwarnings("ignore")  # a few rounds are enough to compare

pictures, digits = load_digits(return_X_y=True)
part = np.arange(len(digits)) % 5  # 0: no trial sees it; 1: compares the trials
model = MLPClassifier((options.hidden,), activation=options.activation, learning_rate_init=options.rate, max_iter=20, random_state=0)
model.fit(pictures[part > 1] / 16, digits[part > 1])
accuracy = model.score(pictures[part == 1] / 16, digits[part == 1])

outputs = Path(os.environ["NAV_OUTPUTS"])
(outputs / "model.pickle").write_bytes(pickle.dumps(model))
(outputs / "metrics.json").write_text(json.dumps({"accuracy": float(accuracy), "loss": float(model.loss_)}))
print(f"trial {os.environ['NAV_TRIAL']} on {os.environ.get('CUDA_VISIBLE_DEVICES') or 'processors'}: accuracy {accuracy:.4f}")
