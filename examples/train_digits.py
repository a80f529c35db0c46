# SPDX-License-Identifier: Apache-2.0
"""Trains a small neural network on handwritten digits (scikit-learn's own 1,797 pictures of 8 x 8), in a few seconds.

What it runs on comes from the environment: OpenNav sets CUDA_VISIBLE_DEVICES to the slice the job was given. scikit-learn
computes on the processor, so on a simulated GPU this is a real training on a pretended slice.
"""
import os
import sys
import warnings

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

hidden = int(os.environ.get("HIDDEN", sys.argv[1] if len(sys.argv) > 1 else "32"))
print(f"job {os.environ.get('NAV_JOB_ID', '-')} on {os.environ.get('CUDA_VISIBLE_DEVICES') or 'the processor'}", flush=True)

pictures, digits = load_digits(return_X_y=True)
train_x, test_x, train_y, test_y = train_test_split(pictures / 16, digits, test_size=0.25, random_state=0)
model = MLPClassifier(hidden_layer_sizes=(hidden,), random_state=0, warm_start=True, max_iter=1, learning_rate_init=0.005)
warnings.filterwarnings("ignore")  # one iteration at a time never "converges"
for epoch in range(1, 41):
    model.fit(train_x, train_y)
    if epoch % 10 == 0:
        print(f"epoch {epoch:3d}  loss {model.loss_:.4f}  accuracy {model.score(test_x, test_y):.3f}", flush=True)
