# SPDX-License-Identifier: Apache-2.0
"""One of the 18 trainings: a small network on the prepared digits, by TensorFlow's build for processors."""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("OMP_NUM_THREADS", "1")
import numpy as np
import tensorflow as tf

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float, required=True)
parser.add_argument("--units", type=int, required=True)
parser.add_argument("--activation", required=True)
parser.add_argument("--epochs", type=int, required=True)
options = parser.parse_args()

data = np.load(Path(os.environ["NAV_INPUTS"]) / "digits.npz")
tf.keras.utils.set_random_seed(7)
model = tf.keras.Sequential(
    [tf.keras.Input((64,)), tf.keras.layers.Dense(options.units, activation=options.activation), tf.keras.layers.Dense(10, activation="softmax")]
)
model.compile(tf.keras.optimizers.Adam(options.rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(data["x_train"], data["y_train"], epochs=options.epochs, batch_size=32, verbose=2)
loss, accuracy = model.evaluate(data["x_test"], data["y_test"], verbose=0)

outputs = Path(os.environ["NAV_OUTPUTS"])
model.save(outputs / "model.keras")
(outputs / "metrics.json").write_text(json.dumps({"accuracy": float(accuracy), "loss": float(loss)}))
print(f"trial {os.environ['NAV_TRIAL']} on {os.environ.get('CUDA_VISIBLE_DEVICES')}: accuracy {accuracy:.4f}")
