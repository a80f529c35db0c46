# SPDX-License-Identifier: Apache-2.0
"""An installation to be spoken with over its HTTP API alone."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

from installation import Installation  # noqa: E402


@dataclass
class Api:
    """Where an installation serves, and a token of its admin's."""

    url: str
    token: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else json.dumps(body).encode())
        request.add_header("Authorization", f"Bearer {self.token}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """One simulated DGX A100, shared by the tests of a file."""
    installation = Installation(tmp_path_factory.mktemp("api"), "--simulate", "dgx-a100:1", "--no-agent")
    try:
        installation.start()
        yield Api((installation.data / "run" / "url").read_text().strip(), (installation.data / "admin-token").read_text().strip())
    finally:
        installation.stop()
