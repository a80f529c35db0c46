# SPDX-License-Identifier: Apache-2.0
"""Prepares the handwritten digits that ship with scikit-learn, with Spark. Spark computes on the processor here, while it holds its GPU."""

import json
import os
import sys
from pathlib import Path

import numpy as np
from pyspark.sql import SparkSession
from pyspark.sql import functions as f
from sklearn.datasets import load_digits

os.environ["PYSPARK_PYTHON"] = sys.executable
outputs = Path(os.environ["NAV_OUTPUTS"])
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "4").getOrCreate()

digits = load_digits()
rows = [(i, int(label), [float(v) for v in image]) for i, (image, label) in enumerate(zip(digits.data, digits.target))]
images = spark.createDataFrame(rows, "id int, label int, pixels array<double>")

# One row a pixel: its mean and deviation over all images; then every image as deviations from them.
pixels = images.select("id", "label", f.posexplode("pixels").alias("at", "value"))
scale = pixels.groupBy("at").agg(f.avg("value").alias("mean"), f.stddev_pop("value").alias("deviation"))
scaled = pixels.join(scale, "at").withColumn("value", f.when(f.col("deviation") > 0, (f.col("value") - f.col("mean")) / f.col("deviation")).otherwise(0.0))
whole = scaled.groupBy("id", "label").agg(f.sort_array(f.collect_list(f.struct("at", "value"))).alias("cells"))
done = whole.select("id", "label", f.transform("cells", lambda cell: cell["value"]).alias("pixels")).orderBy("id").collect()
spark.stop()

x = np.array([row["pixels"] for row in done], dtype="float32")
y = np.array([row["label"] for row in done], dtype="int64")
is_test = np.arange(len(y)) % 5 == 0
np.savez(outputs / "digits.npz", x_train=x[~is_test], y_train=y[~is_test], x_test=x[is_test], y_test=y[is_test])
(outputs / "metrics.json").write_text(json.dumps({"rows": len(y)}))
print(f"{len(y)} images prepared by Spark on {os.environ.get('CUDA_VISIBLE_DEVICES')}")
