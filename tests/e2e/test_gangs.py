# SPDX-License-Identifier: Apache-2.0
"""Gangs: members that start together, find each other, and end as one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from installation import REPOSITORY, Installation, wait_until


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Three nodes with an A100 each, shared by the tests: each leaves it as it found it."""
    site = Installation(tmp_path_factory.mktemp("gangs"), "--simulate", "a100-40gb:3", "--no-agent")
    try:
        site.start()
        yield site
    finally:
        site.stop()


def members_of(site: Installation, gang: int) -> list[Any]:
    found: list[Any] = site.ask("jobs", "--gang", str(gang))["items"]
    return sorted(found, key=lambda member: int(member["id"]))


def gone(site: Installation) -> None:
    """Nothing is held any more."""

    def all_free() -> bool:
        nodes = site.ask("pool")["nodes"]
        return not any(gpu.get("holder") or any(s.get("holder") for s in gpu["slices"]) for node in nodes for gpu in node["gpus"])

    wait_until("every slice and GPU is free", all_free, 60)


def test_members_on_three_nodes_meet_and_add_up_what_they_have(site: Installation) -> None:
    said = site.nav("run", "--members", "3", "--on", "a100", "--code", REPOSITORY / "examples", "--wait", "--", "python3", "all_reduce.py", timeout=180)
    assert said.code == 0, said.err
    assert said.out == "rank 0 of 3 on 127.0.0.1: the sum is 6\n"
    gang = int(said.err.split("job ")[1].split("-")[0])
    members = members_of(site, gang)
    assert [member["gang"]["rank"] for member in members] == [0, 1, 2]
    assert len({member["node"] for member in members}) == 3
    for member in members:
        assert member["state"] == "succeeded"
        assert "the sum is 6" in site.nav("logs", str(member["id"])).out
    assert f"rank 1 of 3 members, jobs {gang}-{gang + 2}" in site.nav("job", str(gang + 1)).out
    gone(site)


def test_slices_of_one_gpu_make_a_gang_and_it_is_said_that_nccl_will_not_do(site: Installation) -> None:
    said = site.nav("run", "--members", "4", "--on", "mig-1g.5gb", "--code", REPOSITORY / "examples", "--wait", "--", "python3", "all_reduce.py", timeout=180)
    assert said.code == 0, said.err
    assert "the sum is 10" in said.out
    assert "NCCL does not support MIG" in said.err
    gone(site)


def test_mpirun_starts_the_processes_of_one_member(site: Installation) -> None:
    if not shutil.which("mpirun"):
        pytest.skip("no mpirun: tools/setup.sh test installs it")
    script = "echo member $NAV_RANK, process $OMPI_COMM_WORLD_RANK of $OMPI_COMM_WORLD_SIZE"
    gang = site.submit("--members", "2", "--on", "a100", "--", "mpirun", "-n", "2", "--oversubscribe", "sh", "-c", script)
    for rank in (0, 1):
        site.wait_for_state(gang + rank, "succeeded")
        said = sorted(site.nav("logs", str(gang + rank)).out.splitlines())
        assert said == [f"member {rank}, process {process} of 2" for process in (0, 1)], "each member is a world of its own"
    gone(site)


def test_a_list_shows_a_gang_as_one_job(site: Installation) -> None:
    gang = site.submit("--name", "trio", "--members", "3", "--on", "cpu", "--", "sleep", "600")
    site.wait_for_state(gang, "running")
    listed = site.ask("jobs", "--name", "trio")["items"]
    assert [int(job["id"]) for job in listed] == [gang]
    assert "trio (3 members)" in site.nav("jobs").out
    assert site.nav("cancel", f"{gang}-{gang + 2}").out == f"{gang}-{gang + 2} told to end\n", "said once, by whichever numbers"
    for member in range(gang, gang + 3):
        site.wait_for_state(member, "cancelled")


def test_when_one_member_fails_all_are_stopped_and_tried_again_as_a_whole(site: Installation) -> None:
    script = 'test $NAV_ATTEMPT = $NAV_JOB_ID.1 && test $RANK = 1 && exit 7; test $NAV_ATTEMPT = $NAV_JOB_ID.2 && exit 0; exec sleep 600'
    gang = site.submit("--members", "3", "--on", "a100", "--retries", "1", "--", "sh", "-c", script)
    for member in range(gang, gang + 3):
        details = site.wait_for_state(member, "succeeded")
        assert [attempt["outcome"] for attempt in details["attempts"]] == ["exited" if member == gang + 1 else "stopped", "exited"]
    gone(site)


def test_it_fails_as_a_whole_and_says_whose_fault_it_was(site: Installation) -> None:
    gang = site.submit("--members", "2", "--on", "cpu", "--", "sh", "-c", "test $RANK = 1 && exit 3; exec sleep 600")
    for member in (gang, gang + 1):
        assert site.wait_for_state(member, "failed")["job"]["message"] == "member 1: exit code 3"
    said = site.nav("run", "--members", "2", "--on", "cpu", "--wait", "--", "sh", "-c", "test $RANK = 1 && exit 3; exec sleep 600")
    assert said.code == 3, "of whichever member failed"


def test_a_gang_waits_until_all_of_it_fits(site: Installation) -> None:
    held = site.submit("--on", "a100", "--", "sleep", "600")
    site.wait_for_state(held, "running")
    gang = site.submit("--members", "3", "--on", "a100", "--", "true")
    wait_until("it says why", lambda: "its 3 members start together, and 2 of 3 places for a100 are free" in site.nav("why", str(gang)).out)
    assert all(member["state"] == "queued" for member in members_of(site, gang))
    other = site.submit("--members", "3", "--on", "a100", "--", "true")
    assert site.nav("cancel", str(other + 1)).out == f"{other}-{other + 2} cancelled\n"
    site.nav("cancel", str(held))
    for member in range(gang, gang + 3):
        site.wait_for_state(member, "succeeded")
    gone(site)


def test_a_gang_larger_than_the_pool_is_refused_with_what_there_is(site: Installation) -> None:
    said = site.nav("run", "--members", "4", "--on", "a100", "--", "true")
    assert said.code != 0
    assert "a gang of 4 members is larger than the pool" in said.err and "the pool gives a100 3 times, on 3 nodes" in said.err
    tried = site.nav("try", "--members", "3", "--on", "a100").out
    assert tried.startswith("it would start now on a100: 1 member on ") and tried.count("1 on ") >= 2, tried
    assert "larger than the pool" in site.nav("try", "--members", "4", "--on", "a100").err
    said = site.nav("run", "--members", "2", "--on", "a100", "--upgrade", "restart", "--restartable", "--", "true")
    assert "a gang cannot climb back" in said.err


def test_a_controller_that_is_killed_leaves_a_gang_whole(tmp_path: Path) -> None:
    site = Installation(tmp_path, "--simulate", "a100-40gb:2", "--no-agent")
    try:
        site.start()
        gang = site.submit("--members", "2", "--on", "a100", "--", "sleep", "600")
        for member in (gang, gang + 1):
            site.wait_for_state(member, "running")
        assert site.server is not None
        site.server.kill()
        site.server.wait()
        site.start()
        for member in (gang, gang + 1):
            details = site.wait_for_state(member, "running")
            assert len(details["attempts"]) == 1, "nothing was begun twice"
        site.nav("cancel", str(gang))
        for member in (gang, gang + 1):
            site.wait_for_state(member, "cancelled")
        gone(site)
    finally:
        site.stop()
