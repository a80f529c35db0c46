# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus, from Debian, that scrapes what is tested."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Ask = Callable[[str], Any]


def check_page(page: str) -> None:
    """Every line can be read. Names of NVIDIA's are not what the linter would choose, so what it says of names does not count."""
    promtool = shutil.which("promtool")
    assert promtool, "tools/setup.sh test installs it"
    checked = subprocess.run([promtool, "check", "metrics"], input=page, capture_output=True, text=True, check=False)
    assert "error while linting" not in checked.stderr, checked.stderr


@contextmanager
def scraping(folder: Path, settings: str) -> Iterator[Ask]:
    """While it runs with these settings: what it answers to an expression; None until it answers."""
    program = shutil.which("prometheus")
    assert program, "tools/setup.sh test installs it"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "prometheus.yml").write_text("global: {scrape_interval: 1s}\n" + settings)
    with (folder / "log").open("wb") as log:
        words = [program, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb", f"--web.listen-address=127.0.0.1:{port}"]
        server = subprocess.Popen(words, stdout=log, stderr=log)

    def ask(expression: str) -> Any:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": expression}), timeout=5) as answer:
                return json.load(answer)["data"]["result"]
        except OSError:
            return None

    try:
        yield ask
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)
