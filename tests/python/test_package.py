# SPDX-License-Identifier: Apache-2.0
"""The package as such: what is made from elsewhere, types, style, installing, and the examples of its own documentation."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY

import opennav

PACKAGE = REPOSITORY / "python"


def passes(*command: str | Path) -> None:
    done = subprocess.run([sys.executable, *map(str, command)], cwd=PACKAGE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_made_from_the_api_document_is_up_to_date() -> None:
    passes(PACKAGE / "tools" / "generate.py", "--check")


def test_types_hold_under_mypy_strict() -> None:
    passes("-m", "mypy")


def test_ruff_finds_nothing() -> None:
    passes("-m", "ruff", "check", ".")


def test_it_installs_alone_and_says_its_version(tmp_path: Path) -> None:
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--target", tmp_path / "there")
    copy = tmp_path / "python"
    subprocess.run(["cp", "-r", str(PACKAGE), str(copy)], check=True)  # a build leaves things beside the sources
    passes("-m", "pip", "install", *options, copy)
    script = "import opennav; print(opennav.__version__, opennav.__file__)"
    # Without site-packages: nothing but Python's own library is there.
    environment = {"PYTHONPATH": str(tmp_path / "there")}
    done = subprocess.run([sys.executable, "-S", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [opennav.__version__, str(tmp_path / "there" / "opennav" / "__init__.py")]
    assert (tmp_path / "there" / "opennav" / "py.typed").exists()


def modules() -> list[str]:
    return ["opennav"] + [f"opennav.{one.name}" for one in pkgutil.iter_modules(opennav.__path__)]


@pytest.mark.parametrize("name", [name for name in modules() if name not in ("opennav.aio", "opennav.model")])
def test_examples_in_docstrings_run_as_written(name: str, dgx: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against the real server, which `Client()` finds by the environment. Those of aio stand in client.py without `await`."""
    for variable, value in dgx.environment.items():
        monkeypatch.setenv(variable, value)
    if name == "opennav.frames":
        pytest.importorskip("pandas")
    flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    found = doctest.testmod(importlib.import_module(name), extraglobs={"opennav": opennav, "client": opennav.Client()}, optionflags=flags)
    assert found.failed == 0
    assert found.attempted > 10 or name != "opennav.client"
