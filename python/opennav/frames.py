# SPDX-License-Identifier: Apache-2.0
"""Lists as pandas data frames, where pandas is there."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from . import model

if TYPE_CHECKING:
    import pandas


# What stands in these by name gets columns of its own: params.rate, metrics.loss.
BY_NAME = ("params", "parameters", "metrics", "tags")


def frame(records: Iterable[Any] | model.Report) -> pandas.DataFrame:
    """A row for each, a column for each field: of jobs, runs, trials, nodes, templates, events or whatever else the API lists; of a report, its own.

    >>> opennav.frame(client.templates())[["name", "cpu_milli"]].loc[0, "name"]
    'a100'
    >>> list(opennav.frame(client.report("usage", by="project")).columns)[:2]
    ['project', 'gpu_hours']
    """
    try:
        import pandas
    except ImportError as error:
        raise ImportError("data frames need pandas: pip install pandas") from error
    if isinstance(records, model.Report):
        rows = [dict(zip(records.by, row.names or [""] * len(records.by), strict=False)) | dict(row.numbers) for row in records.rows]
        return pandas.DataFrame(rows, columns=[*records.by, *(column.name for column in records.columns)])
    return pandas.DataFrame([_row(getattr(one, "record", one)) for one in records])


def _row(record: Any) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if field.name in BY_NAME and isinstance(value, dict):
            row |= {f"{field.name}.{name}": inner for name, inner in value.items()}
        else:
            row[field.name] = _cell(value)
    return row


def _cell(value: Any) -> Any:
    return str(value) if hasattr(value, "value") else value
