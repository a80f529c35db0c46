# SPDX-License-Identifier: Apache-2.0
"""A simulated node for a test, made and troubled through nav-nvmlsim."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def build_folder() -> Path:
    """The build under test: NAV_BUILD_DIR, else the first preset that has been built."""
    named = os.environ.get("NAV_BUILD_DIR")
    candidates = [Path(named)] if named else [REPOSITORY / "build" / preset for preset in ("release", "dev")]
    for folder in candidates:
        if (folder / "bin" / "nvmlsim" / "libnvidia-ml.so.1").exists() and (folder / "bin" / "nav-nvmlsim").exists():
            return folder
    pytest.fail(f"no simulated driver in {', '.join(map(str, candidates))}: build nvidia-ml and nav-nvmlsim", pytrace=False)


class Node:
    """A simulated node in a folder of its own."""

    def __init__(self, folder: Path, machine: str, name: str) -> None:
        self.folder = folder
        self.bin = build_folder() / "bin"
        self.library = self.bin / "nvmlsim" / "libnvidia-ml.so.1"
        self.control("create", machine, name)

    def control(self, command: str, *arguments: str | int) -> str:
        """Runs `nav-nvmlsim COMMAND FOLDER ARGUMENTS`."""
        words = [str(self.bin / "nav-nvmlsim"), command, str(self.folder), *map(str, arguments)]
        return subprocess.run(words, check=True, text=True, stdout=subprocess.PIPE).stdout

    def environment(self) -> dict[str, str]:
        """What points any NVML program at this node."""
        return {**os.environ, "NAV_NVMLSIM_STATE": str(self.folder), "LD_LIBRARY_PATH": str(self.library.parent)}

    def start_job(self, visible: str) -> subprocess.Popen[str]:
        """A real process that says it runs on `visible`; it is there when this returns."""
        job = subprocess.Popen(
            ["/bin/sh", "-c", "echo ready; exec sleep 600"],
            env={**self.environment(), "CUDA_VISIBLE_DEVICES": visible},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert job.stdout is not None
        assert job.stdout.readline() == "ready\n"
        # The shell becomes sleep in its own time, with the same environment.
        deadline = time.monotonic() + 10
        while Path(f"/proc/{job.pid}/comm").read_text() != "sleep\n":
            assert time.monotonic() < deadline
        return job
