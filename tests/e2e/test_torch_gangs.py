# SPDX-License-Identifier: Apache-2.0
"""Real torch in gangs: torchrun on whole GPUs, a process a slice, and members on two machines. Debian's torch computes on processors."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from installation import REPOSITORY, Installation, Said, wait_until
from test_join import OtherMachine, join_words, other  # noqa: F401

# With Python 3.11 the torchrun of torch 1.13 starts nothing unless it is told what to do with what its processes print.
TORCHRUN = ("torchrun", "--nproc_per_node", "2", "--redirects", "1", "--tee", "1", "train.py")
CODE = REPOSITORY / "examples" / "torch_gang"
IN_THE_END = re.compile(r"rank (\d+) of (\d+): ([01]\.\d+) right, weights (-?\d+\.\d+)")


@pytest.fixture(scope="module", autouse=True)
def _torch() -> None:
    if subprocess.run(["/usr/bin/python3", "-c", "import torch"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no torch for /usr/bin/python3, with which jobs run: tools/setup.sh test installs it")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Three nodes with an A100 each, all at one address."""
    site = Installation(tmp_path_factory.mktemp("torch"), "--simulate", "a100-40gb:3", "--no-agent")
    try:
        site.start()
        yield site
    finally:
        site.stop()


def train(site: Installation, members: int, on: str, *command: str) -> Said:
    return site.nav("run", "--members", str(members), "--on", on, "--code", CODE, "--wait", "--", *command, timeout=120)


def learnt_together(site: Installation, said: Said, members: int, processes: int) -> None:
    """Each process of each member has come to an end, all of them with the same weights, and these know the points."""
    assert said.code == 0, said.err + said.out
    first = int(re.search(r"job (\d+)-", said.err)[1])  # type: ignore[index]
    ends = [found for member in range(members) for found in IN_THE_END.findall(site.nav("logs", str(first + member)).out)]
    assert sorted(int(end[0]) for end in ends) == list(range(processes))
    assert {int(end[1]) for end in ends} == {processes}
    assert len({end[3] for end in ends}) == 1, "every process has the same weights"
    assert all(float(end[2]) > 0.9 for end in ends)
    losses = [float(loss) for loss in re.findall(r"loss (\d+\.\d+)", said.out)]
    assert len(losses) == 6 and losses[-1] < 0.3 * losses[0]


def test_torchrun_trains_on_three_nodes_with_two_processes_each(site: Installation) -> None:
    learnt_together(site, train(site, 3, "a100", *TORCHRUN), members=3, processes=6)


def test_two_gangs_at_one_address_do_not_meet_each_other(site: Installation) -> None:
    gangs = [site.submit("--members", "2", "--on", "mig-1g.5gb", "--code", str(CODE), "--", *TORCHRUN) for _ in range(2)]
    for gang in gangs:
        for member in (gang, gang + 1):
            site.wait_for_state(member, "succeeded", patience=200)
            assert {int(end[1]) for end in IN_THE_END.findall(site.nav("logs", str(member)).out)} == {4}


def test_a_process_a_slice_trains_with_gloo(site: Installation) -> None:
    said = train(site, 4, "mig-1g.5gb", "python3", "train.py")
    learnt_together(site, said, members=4, processes=4)
    assert "NCCL does not support MIG" in said.err


def test_a_training_that_is_started_again_goes_on_where_it_last_saved(site: Installation) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as shared:  # a job has a /tmp of its own
        Path(shared).chmod(0o777)
        words = ("python3", "train.py", "--checkpoint", f"{shared}/spirals.pt")
        learnt_together(site, train(site, 2, "a100", *words), members=2, processes=2)
        said = train(site, 3, "a100", *words)
        assert said.code == 0, said.err
        assert "rank 0 goes on after pass 60" in said.out and "loss" not in said.out


def test_members_on_two_machines_reach_each_other(other: OtherMachine, tmp_path: Path) -> None:  # noqa: F811
    options = ("--simulate", "a100-40gb:1", "--no-agent", "--listen", f"{other.here}:0", "--agents-listen", f"{other.here}:0", "--tls-name", other.here)
    site = Installation(tmp_path, *options)
    try:
        site.start()
        address, secret = join_words(site)
        token = tmp_path / "join-token"
        token.write_text(secret + "\n")
        other.agent("--join", address, "--token-file", token, "--simulate", "a100-40gb", "--name", "far")
        wait_until("it has joined", lambda: sum(node["state"] == "ready" for node in site.ask("nodes")["items"]) == 2, 120)
        said = site.nav("run", "--members", "2", "--on", "a100", "--wait", "--", "sh", "-c", "echo $NAV_HOSTS")
        assert sorted(said.out.strip().split(",")) == sorted([other.here, other.there]), said.out + said.err
        learnt_together(site, train(site, 2, "a100", *TORCHRUN), members=2, processes=4)
    finally:
        site.stop()
