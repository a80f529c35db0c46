# SPDX-License-Identifier: Apache-2.0
"""Whole installations for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from installation import Installation


@pytest.fixture(scope="module")
def dgx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One simulated DGX A100, shared by the tests of a file: each leaves it as it found it."""
    installation = Installation(tmp_path_factory.mktemp("dgx"), "--simulate", "dgx-a100:1", "--no-agent")
    try:
        installation.start()
        yield installation
    finally:
        installation.stop()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Installation]:
    """One simulated DGX A100 of a test's own, not started yet."""
    installation = Installation(tmp_path, "--simulate", "dgx-a100:1", "--no-agent")
    yield installation
    installation.stop()


@pytest.fixture
def meeting() -> Iterator[Path]:
    """A folder that jobs of every user can write into: each has a /tmp of its own."""
    folder = Path(mkdtemp(dir="/var/tmp"))
    folder.chmod(0o777)
    yield folder
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
