# SPDX-License-Identifier: Apache-2.0
"""Batch inference with fallback: the best model of examples/random_search reads all pictures in parts, each on the first that is to be had.

    pip install ./python
    python examples/batch_inference.py [PYTHON]     PYTHON: what the jobs run with, one that has scikit-learn (this one)

A part waits five seconds for a slice of a GPU, then processors will do.
"""

import collections
import sys

import opennav

client = opennav.Client()
searches = [run for run in client.flow_runs(flow="random-search") if run.state == "succeeded"]
if not searches:
    sys.exit("there is no model yet: nav flow run examples/random_search/flow.yaml --wait")
model = next(file.digest for file in searches[0].best("search").outputs if file.name == "model.pickle")

flow = opennav.Flow("batch-inference", python=sys.argv[1] if len(sys.argv) > 1 else sys.executable)


@flow.sweep(on=["mig-1g.5gb:wait=5s", "cpu"], grid={"part": range(6)}, inputs={"model.pickle": model}, outputs=["read.csv"], retries=2)
def read(part: int, inputs, outputs):
    import pickle

    from sklearn.datasets import load_digits

    model = pickle.loads((inputs / "model.pickle").read_bytes())
    pictures, digits = load_digits(return_X_y=True)
    found = model.predict(pictures[part::6] / 16)
    (outputs / "read.csv").write_text("".join(f"{number * 6 + part},{digit}\n" for number, digit in enumerate(found)))
    return {"pictures": len(found), "right": int((found == digits[part::6]).sum())}


run = client.run_flow(flow)
run.wait(check=True)
trials = run.trials("read")
read_right, pictures = (sum(trial.metrics[name] for trial in trials) for name in ("right", "pictures"))
print(f"{run.id}: {pictures:.0f} pictures, {read_right / pictures:.3f} of them right, on", dict(collections.Counter(trial.on for trial in trials)))
with open("read.csv", "wb") as file:
    for trial in trials:
        file.write(client.get(trial.outputs[0].digest))
