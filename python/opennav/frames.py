# SPDX-License-Identifier: Apache-2.0
"""Lists as pandas data frames, where pandas is there."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas


def frame(records: Iterable[Any]) -> pandas.DataFrame:
    """A row for each, a column for each field: of jobs, nodes, templates, events or whatever else the API lists.

    >>> opennav.frame(client.templates())[["name", "cpu_milli"]].loc[0, "name"]
    'a100'
    """
    try:
        import pandas
    except ImportError as error:
        raise ImportError("data frames need pandas: pip install pandas") from error
    rows = []
    for one in records:
        record = getattr(one, "record", one)
        rows.append({field.name: _cell(getattr(record, field.name)) for field in dataclasses.fields(record)})
    return pandas.DataFrame(rows)


def _cell(value: Any) -> Any:
    return str(value) if hasattr(value, "value") else value
