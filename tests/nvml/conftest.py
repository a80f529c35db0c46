# SPDX-License-Identifier: Apache-2.0
"""Simulated nodes for real NVML clients."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulated_node import Node


@pytest.fixture
def simulate(tmp_path: Path) -> Callable[..., Node]:
    """Makes nodes: `node = simulate("dgx-a100")`."""

    def make(machine: str, name: str = "node-a") -> Node:
        return Node(tmp_path / name, machine, name)

    return make


@pytest.fixture
def open_driver() -> Iterator[Callable[[Node], None]]:
    """Opens the driver of a node in this process through nvidia-ml-py, until the test ends."""
    import pynvml  # type: ignore[import-untyped]

    opened = 0

    def enter(node: Node) -> None:
        nonlocal opened
        # Loaded by its path once, the library is found again by its name when nvidia-ml-py asks for libnvidia-ml.so.1.
        ctypes.CDLL(str(node.library))
        os.environ["NAV_NVMLSIM_STATE"] = str(node.folder)
        pynvml.nvmlInit()
        opened += 1

    yield enter
    for _ in range(opened):
        pynvml.nvmlShutdown()
    os.environ.pop("NAV_NVMLSIM_STATE", None)
