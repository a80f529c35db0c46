# SPDX-License-Identifier: Apache-2.0
"""What notebooks show: values as tables, the pool as a drawing of its GPUs. Everything that comes from outside is escaped."""

from __future__ import annotations

import dataclasses
import datetime
import html
import re
from typing import Any

COLOURS = {"idle": "#d9e8c8", "held": "#6aa52b", "set_aside": "#d9534f", "free": "#f0f2f4"}
STATE_COLOURS = {"succeeded": "#3f7a12", "failed": "#b3261e", "lost": "#b3261e", "cancelled": "#6b7280", "running": "#1d4ed8"}


class Html:
    """Text that a notebook shows as HTML."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_html_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return re.sub(r"<[^>]*>", "", self.text)


def of_record(record: Any) -> str:
    """A table of its fields, or what its kind is better shown as."""
    if type(record).__name__ == "Pool":
        return of_pool(record)
    rows = "".join(
        f"<tr><th style='text-align:left'>{_text(field.name)}</th><td style='text-align:left'>{_value(getattr(record, field.name))}</td></tr>"
        for field in dataclasses.fields(record)
        if getattr(record, field.name) is not None
    )
    return f"<table><caption style='text-align:left'><b>{_text(type(record).__name__)}</b></caption>{rows}</table>"


def of_pool(pool: Any) -> str:
    """Each node with its GPUs, each GPU as its slices."""
    parts = []
    for node in pool.nodes:
        gpus = "".join(_gpu(gpu) for gpu in node.gpus)
        row = f"<div style='display:flex;gap:6px;flex-wrap:wrap'>{gpus}</div>"
        parts.append(f"<div style='margin:.4em 0'><b>{_text(node.name)}</b> {_text(node.state)}{row}</div>")
    legend = " ".join(f"<span style='background:{colour};color:#1c2430;padding:0 .5em'>{name.replace('_', ' ')}</span>" for name, colour in COLOURS.items())
    return f"<div>{''.join(parts) or 'no nodes'}{legend}</div>"


def of_progress(sentence: str, job: Any) -> str:
    colour = STATE_COLOURS.get(str(job.state), "inherit")
    return f"<div style='color:{colour}'>{_text(sentence)}</div>"


def _gpu(gpu: Any) -> str:
    title = _text(f"GPU {gpu.index}: {gpu.model}" + (f", held by {gpu.holder}" if gpu.holder else ""))
    if not gpu.slices:
        inner = _box("whole" if gpu.holder else "", COLOURS["held" if gpu.holder else "set_aside" if str(gpu.state) == "set_aside" else "free"], 8)
    else:
        inner = "".join(_box(one.placement, COLOURS.get(str(one.state), COLOURS["free"]), _size(one.placement)) for one in gpu.slices)
    return f"<div title='{title}' style='display:flex;width:150px;height:22px;border:1px solid #9aa5b1'>{inner}</div>"


def _box(label: str, colour: str, size: int) -> str:
    style = f"flex:{size};background:{colour};color:#1c2430;font-size:9px;overflow:hidden;border-right:1px solid #fff"
    return f"<div title='{_text(label)}' style='{style}'>{_text(label)}</div>"


def _size(placement: str) -> int:
    match = re.match(r"(\d+)g", placement)
    return int(match.group(1)) if match else 1


def _value(value: Any) -> str:
    if dataclasses.is_dataclass(value):
        return of_record(value)
    if isinstance(value, list) and value and dataclasses.is_dataclass(value[0]):
        fields = [field.name for field in dataclasses.fields(value[0])]
        head = "".join(f"<th>{_text(name)}</th>" for name in fields)
        rows = "".join("<tr>" + "".join(f"<td>{_value(getattr(one, name))}</td>" for name in fields) + "</tr>" for one in value)
        return f"<table><tr>{head}</tr>{rows}</table>"
    if isinstance(value, datetime.datetime):
        return _text(f"{value:%Y-%m-%d %H:%M:%S} UTC")
    if isinstance(value, list):
        return _text(", ".join(map(str, value)))
    return "" if value is None else _text(value)


def _text(value: Any) -> str:
    return html.escape(str(value), quote=True)
