# SPDX-License-Identifier: Apache-2.0
"""Tells that a job failed because memory ran out, so that it can begin anew where there is more.

Only the program knows that its GPU's memory ran out: to the machine it has merely failed. In a job, `import opennav` is enough: an exception that ends the
program is looked at, and if it says so (torch, TensorFlow, JAX, CuPy, MemoryError) that is written into the file that NAV_TERMINATION_FILE names. Where
something else catches the exception and ends the program, say it there:

    with opennav.out_of_memory.told():
        train()

A program in any other language writes `gpu_out_of_memory` or `out_of_memory` and a sentence below it into that file, and fails.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

GPU, MACHINE = "gpu_out_of_memory", "out_of_memory"

_OF_GPUS = {"torch": "OutOfMemoryError", "cupy": "OutOfMemoryError", "tensorflow": "ResourceExhaustedError"}
_WORDS_OF_GPUS = ("CUDA out of memory", "CUDA error: out of memory", "CUDA_ERROR_OUT_OF_MEMORY", "RESOURCE_EXHAUSTED: Out of memory")


def reason_of(error: BaseException) -> str | None:
    """Which memory ran out: `gpu_out_of_memory`, `out_of_memory`; None if the exception tells of something else.

    >>> opennav.out_of_memory.reason_of(RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"))
    'gpu_out_of_memory'
    >>> opennav.out_of_memory.reason_of(MemoryError())
    'out_of_memory'
    >>> opennav.out_of_memory.reason_of(ValueError("no memory of it"))
    """
    found = _cause_in(error)
    return found and found[0]


def tell(error: BaseException) -> bool:
    """Writes it down, if this is a job and the exception says so. The job has still to fail: one that ends well was not short of memory."""
    path, found = os.environ.get("NAV_TERMINATION_FILE"), _cause_in(error)
    if not path or found is None:
        return False
    reason, cause = found
    with suppress(OSError):
        Path(path).write_text(f"{reason}\n{type(cause).__name__}: {cause}\n", encoding="utf-8")
        return True
    return False


@contextmanager
def told() -> Iterator[None]:
    """An exception that leaves the block is looked at on its way."""
    try:
        yield
    except BaseException as error:
        tell(error)
        raise


class _Hook:
    before: Callable[[type[BaseException], BaseException, TracebackType | None], Any] | None = None

    @classmethod
    def called(cls, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        tell(error)
        (cls.before or sys.__excepthook__)(kind, error, trace)


def watch() -> None:
    """Looks at the exception that ends the program. Done by `import opennav` in a job."""
    if _Hook.before is None:
        _Hook.before, sys.excepthook = sys.excepthook, _Hook.called


def _cause_in(error: BaseException) -> tuple[str, BaseException] | None:
    """The exception that tells of it, perhaps below others that were made of it."""
    at: BaseException | None = error
    seen: set[int] = set()
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        if any(one.__name__ == _OF_GPUS.get(one.__module__.partition(".")[0]) for one in type(at).__mro__) or any(word in str(at) for word in _WORDS_OF_GPUS):
            return GPU, at
        if isinstance(at, MemoryError):
            return MACHINE, at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return None


if os.environ.get("NAV_TERMINATION_FILE"):
    watch()
