# SPDX-License-Identifier: Apache-2.0
"""The Python package against a whole installation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "python"), str(REPOSITORY / "tests" / "e2e")]

from installation import Installation  # noqa: E402

import opennav  # noqa: E402


@pytest.fixture(scope="session")
def dgx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One simulated DGX A100, shared by all: each test leaves it as it found it."""
    installation = Installation(tmp_path_factory.mktemp("dgx"), "--simulate", "dgx-a100:1", "--no-agent")
    try:
        installation.start()
        yield installation
    finally:
        installation.stop()


@pytest.fixture(scope="session")
def client(dgx: Installation) -> Iterator[opennav.Client]:
    with opennav.Client(environment=dgx.environment) as found:
        yield found
