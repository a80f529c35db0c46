# SPDX-License-Identifier: Apache-2.0
"""How far jobs are, on one line of a terminal or in the cell of a notebook."""

from __future__ import annotations

import sys
from typing import Any, TextIO

from . import html, model


class Progress:
    """Told of each job whenever something happened to it. The base says nothing."""

    def __init__(self, total: int) -> None:
        self.total = total
        self._states: dict[int, model.Job] = {}

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def see(self, details: model.JobDetails) -> None:
        self._states[details.job.id] = details.job
        self.show(details.job)

    def show(self, job: model.Job) -> None:
        """`job` is the one something happened to."""

    def end(self) -> None:
        """Nothing more will happen."""

    def sentence(self, job: model.Job) -> str:
        if self.total > 1:
            over = sum(one.ended is not None for one in self._states.values())
            return f"{over} of {self.total} jobs are over; job {job.id} is {job.state}"
        where = f" on {job.on} ({job.node} {job.place})" if job.on and job.ended is None else ""
        message = f": {job.message}" if job.message and job.ended is not None and job.state is not model.JobState.SUCCEEDED else ""
        return f"job {job.id} is {job.state}{where}{message}"


class OnTerminal(Progress):
    """One line, written over and over."""

    def __init__(self, total: int, terminal: TextIO) -> None:
        super().__init__(total)
        self._terminal = terminal
        self._shown = False

    def show(self, job: model.Job) -> None:
        self._terminal.write("\r\x1b[2K" + self.sentence(job))
        self._terminal.flush()
        self._shown = True

    def end(self) -> None:
        if self._shown:
            self._terminal.write("\n")
            self._terminal.flush()


class InNotebook(Progress):
    """The output of a cell, replaced as things happen."""

    def __init__(self, total: int, display: Any) -> None:
        super().__init__(total)
        self._display = display
        self._handle: Any = None

    def show(self, job: model.Job) -> None:
        shown = html.Html(html.of_progress(self.sentence(job), job))
        if self._handle is None:
            self._handle = self._display(shown, display_id=True)
        elif self._handle is not None:
            self._handle.update(shown)


def progress_of(wanted: bool | None, total: int) -> Progress:
    """What fits where this runs. None: only where a person looks."""
    if wanted is False:
        return Progress(total)
    if display := _notebook_display():
        return InNotebook(total, display)
    if wanted or sys.stderr.isatty():
        return OnTerminal(total, sys.stderr)
    return Progress(total)


def _notebook_display() -> Any:
    """IPython's `display`, in a notebook; it is there only if somebody else has loaded it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or type(shell).__name__ != "ZMQInteractiveShell":
        return None
    from importlib import import_module

    return import_module("IPython.display").display
