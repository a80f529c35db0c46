# SPDX-License-Identifier: Apache-2.0
"""A whole installation in a temporary folder, and the command line as a person uses it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def nav_program() -> Path:
    """The build under test: NAV_BUILD_DIR, else the first preset that has been built."""
    named = os.environ.get("NAV_BUILD_DIR")
    candidates = [Path(named)] if named else [REPOSITORY / "build" / preset for preset in ("release", "dev")]
    for folder in candidates:
        if (folder / "bin" / "nav").exists():
            return folder / "bin" / "nav"
    pytest.fail(f"no nav in {', '.join(map(str, candidates))}: build it", pytrace=False)


@dataclass
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def wait_until(what: str, is_so: Callable[[], Any], patience: float = 30) -> Any:
    """Returns what `is_so` returns as soon as that is true."""
    deadline = time.monotonic() + patience
    while True:
        if found := is_so():
            return found
        if time.monotonic() > deadline:
            pytest.fail(f"not within {patience} s: {what}", pytrace=False)
        time.sleep(0.05)


class Installation:
    """`nav up` in a folder of its own, with the commands that speak with it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.home = folder / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.options = options
        self.listen = "127.0.0.1:0"
        self.server: subprocess.Popen[bytes] | None = None
        self.log = folder / "up.log"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NAV_") or name == "NAV_TEST_MARK"}
        return kept | {"HOME": str(self.home), "NAV_DATA": str(self.data), "TZ": "UTC"}

    def start(self) -> None:
        with self.log.open("ab") as log:
            command = [str(nav_program()), "up", "--data", str(self.data), "--listen", self.listen, *self.options]
            self.server = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_until(f"nav up serves: {self.log}", self.serves, 60)

    def serves(self) -> bool:
        assert self.server is not None
        if self.server.poll() is not None:
            pytest.fail(f"nav up ended with {self.server.returncode}:\n{self.log.read_text()[-3000:]}", pytrace=False)
        if not (self.data / "run" / "url").exists():
            return False
        said = self.nav("nodes", "--json")
        return said.code == 0 and bool(said.json()["items"]) and all(node["state"] == "ready" for node in said.json()["items"])

    def stop(self) -> None:
        if self.server is None:
            return
        if self.server.poll() is None:
            self.nav("down", "--stop-jobs", timeout=90)
        try:
            self.server.wait(30)
        except subprocess.TimeoutExpired:
            self.server.send_signal(signal.SIGKILL)
            self.server.wait()
        self.server = None

    def nav(self, *words: str | Path, stdin: str = "", timeout: float = 60, **environment: Any) -> Said:
        """Runs a command to its end, away from any terminal."""
        done = subprocess.run(
            [nav_program(), *map(str, words)], env=self.environment | environment, input=stdin, capture_output=True, text=True, timeout=timeout, check=False
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def ask(self, *words: str | Path) -> Any:
        """The JSON a command prints."""
        said = self.nav(*words, "--json")
        assert said.code == 0, said.err
        return said.json()

    def submit(self, *words: str) -> int:
        """`nav run`; the number of the (first) job."""
        said = self.nav("run", *words)
        assert said.code == 0, said.err
        return int(said.out.split("-")[0])

    def wait_for_state(self, job: int, *states: str, patience: float = 60) -> Any:
        def there() -> Any:
            found = self.ask("job", str(job))
            return found if found["job"]["state"] in states else None

        return wait_until(f"job {job} is {' or '.join(states)}", there, patience)
