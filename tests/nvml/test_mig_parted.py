# SPDX-License-Identifier: Apache-2.0
"""NVIDIA's nvidia-mig-parted, unchanged, on the simulated driver.

It reads PCI ids from sysfs and the module list from /proc, so it runs in a mount namespace that has those of the simulated
machine. What is not real here: these files, and `nvidia-smi -r`, which stand_in/ answers for.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from simulated_node import REPOSITORY, Node

HERE = Path(__file__).resolve().parent
MIG_PARTED = REPOSITORY / "build/mig-parted/nvidia-mig-parted"
DGX_A100_BUSES = ["07", "0f", "47", "4e", "87", "90", "b7", "bd"]

CONFIG = {
    "version": "v1",
    "mig-configs": {
        "off": [{"devices": "all", "mig-enabled": False}],
        "balanced": [
            {"devices": "all", "mig-enabled": True, "mig-devices": {"1g.5gb": 2, "2g.10gb": 1, "3g.20gb": 1}},
        ],
        "mixed": [
            {"devices": [0, 1, 2, 3], "mig-enabled": False, "mig-devices": {}},
            {"devices": [4, 5], "mig-enabled": True, "mig-devices": {"1g.5gb": 7}},
            {"devices": [6], "mig-enabled": True, "mig-devices": {"1g.5gb+me": 1, "1g.10gb": 2, "2g.10gb": 1}},
            {"devices": [7], "mig-enabled": True, "mig-devices": {"1c.3g.20gb": 3, "4g.20gb": 1}},
        ],
        "impossible": [{"devices": "all", "mig-enabled": True, "mig-devices": {"4g.20gb": 2}}],
    },
}


class MigParted:
    """The tool on one node."""

    def __init__(self, node: Node, folder: Path) -> None:
        if not MIG_PARTED.exists():
            pytest.fail("nvidia-mig-parted is not built: run tests/nvml/build_mig_parted.sh", pytrace=False)
        self.node = node
        self.folder = folder
        self.config = folder / "config.yaml"
        self.config.parent.mkdir()
        self.config.write_text(yaml.safe_dump(CONFIG))
        (folder / "proc").mkdir()
        (folder / "modules").write_text("nvidia 1 0 - Live 0x0000000000000000 (O)\n")
        for bus in DGX_A100_BUSES:
            device = folder / "pci/devices" / f"0000:{bus}:00.0"
            device.mkdir(parents=True)
            files = {
                "vendor": "0x10de",
                "device": "0x20b0",
                "class": "0x030200",
                "subsystem_vendor": "0x10de",
                "subsystem_device": "0x134f",
                "numa_node": "0",
                "resource": "0x0 0x0 0x0",
            }
            for name, text in files.items():
                (device / name).write_text(text + "\n")
            (device / "config").write_bytes(b"\xde\x10\xb0\x20" + bytes(252))

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = self.node.environment()
        environment["NAV_NVMLSIM"] = str(self.node.bin / "nav-nvmlsim")
        environment["PATH"] = f"{HERE / 'stand_in'}:{environment['PATH']}"
        command = [str(HERE / "stand_in/as_if_driver.sh"), str(self.folder), str(MIG_PARTED), *words]
        return subprocess.run(command, env=environment, text=True, capture_output=True, timeout=120, check=False)

    def apply(self, name: str) -> subprocess.CompletedProcess[str]:
        return self.run("apply", "-f", str(self.config), "-c", name)

    def check(self, name: str) -> bool:
        return self.run("assert", "-f", str(self.config), "-c", name).returncode == 0

    def export(self) -> list[dict[str, object]]:
        done = self.run("export")
        assert done.returncode == 0, done.stderr
        (layout,) = yaml.safe_load(done.stdout)["mig-configs"].values()
        assert isinstance(layout, list)
        return layout


@pytest.fixture
def mig_parted(simulate: Callable[..., Node], tmp_path: Path) -> MigParted:
    return MigParted(simulate("dgx-a100"), tmp_path / "namespace")


def test_applies_asserts_and_exports_a_layout(mig_parted: MigParted) -> None:
    done = mig_parted.apply("balanced")
    assert done.returncode == 0, done.stderr
    assert mig_parted.check("balanced")
    assert not mig_parted.check("mixed")
    (group,) = mig_parted.export()
    assert group["mig-devices"] == {"1g.5gb": 2, "2g.10gb": 1, "3g.20gb": 1}


def test_applies_another_layout_over_the_first(mig_parted: MigParted) -> None:
    assert mig_parted.apply("balanced").returncode == 0
    done = mig_parted.apply("mixed")
    assert done.returncode == 0, done.stderr
    assert mig_parted.check("mixed")
    assert mig_parted.export() == CONFIG["mig-configs"]["mixed"]  # type: ignore[index]
    assert mig_parted.apply("off").returncode == 0
    assert mig_parted.check("off")


def test_is_told_that_a_layout_is_impossible(mig_parted: MigParted) -> None:
    done = mig_parted.apply("impossible")
    assert done.returncode != 0
    assert "ERROR_INSUFFICIENT_RESOURCES" in done.stderr


def test_cannot_clear_an_instance_that_a_process_uses(mig_parted: MigParted) -> None:
    assert mig_parted.apply("balanced").returncode == 0
    job = mig_parted.node.start_job("0")
    try:
        done = mig_parted.apply("mixed")
        assert done.returncode != 0
        assert "In use by another client" in done.stderr
    finally:
        job.kill()
        job.wait()
    assert mig_parted.apply("mixed").returncode == 0


def test_a_pending_mode_needs_the_reset_that_a_running_process_prevents(mig_parted: MigParted) -> None:
    job = mig_parted.node.start_job("0")
    try:
        done = mig_parted.apply("balanced")
        assert done.returncode != 0
        assert "error resetting all GPUs" in done.stderr
    finally:
        job.kill()
        job.wait()
    assert mig_parted.apply("balanced").returncode == 0
    assert mig_parted.check("balanced")
