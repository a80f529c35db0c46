# SPDX-License-Identifier: Apache-2.0
"""Moves on demand: who is restartable makes room where nothing fits, and goes on elsewhere."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from installation import Installation

SLEEP = ("--", "sleep", "600")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Installation]:
    """Two nodes with an A100 each."""
    site = Installation(tmp_path, "--simulate", "a100-40gb:2", "--no-agent")
    site.start()
    yield site
    site.stop()


def gpu_of(details: Any) -> str:
    return f"{details['job']['node']} {details['job']['place'].split()[0]}"


def halves(site: Installation, *options: str) -> list[int]:
    """Two jobs, each on half of another GPU: neither GPU is free, though a whole one's worth is."""
    first = site.submit("--on", "mig-3g.20gb", "--count", "4", *options, *SLEEP)
    places = {job: gpu_of(site.wait_for_state(job, "running")) for job in range(first, first + 4)}
    kept: dict[str, int] = {}
    for job, gpu in places.items():
        if kept.setdefault(gpu, job) == job:
            continue
        site.nav("cancel", str(job))
        site.wait_for_state(job, "cancelled")
    assert len(kept) == 2
    return list(kept.values())


def test_a_job_moves_so_that_a_larger_one_fits_and_everybody_is_told(site: Installation) -> None:
    held = halves(site, "--restartable")
    trial = site.ask("try", "--on", "mig-7g.40gb")
    assert trial["moving"]["jobs"] == 1 and trial["moving"]["moves"][0]["job"] in held
    assert "1 job would move to make a place for it: job" in site.nav("try", "--on", "mig-7g.40gb").out

    whole = site.submit("--on", "mig-7g.40gb", *SLEEP)
    site.wait_for_state(whole, "running")
    for job in held:
        site.wait_for_state(job, "running")
    moved = [job for job in held if len(site.ask("job", str(job))["attempts"]) == 2]
    assert len(moved) == 1, "one of them, once"
    told = site.ask("job", str(moved[0]))
    assert told["attempts"][0]["message"].startswith(f"moved to make room for job {whole}, to gpu")
    assert f"moved to make room for job {whole}" in site.nav("job", str(moved[0])).out
    assert gpu_of(told) == gpu_of(site.ask("job", str(({*held} - {*moved}).pop())))


def test_a_controller_killed_in_the_middle_of_a_move_ends_it(site: Installation) -> None:
    held = halves(site, "--restartable")
    whole = site.submit("--on", "mig-7g.40gb", *SLEEP)
    assert site.server is not None
    site.server.send_signal(signal.SIGKILL)
    site.server.wait()
    site.start()
    for job in (whole, *held):
        site.wait_for_state(job, "running", patience=120)
    assert sum(len(site.ask("job", str(job))["attempts"]) for job in held) == 3


def test_an_administrator_brings_together_what_is_free(site: Installation) -> None:
    held = halves(site, "--restartable")
    plan = site.ask("pool", "defragment")
    assert not plan["applied"] and plan["emptied"] == 1
    assert [move["job"] for move in plan["moves"]][0] in held
    room = {one["on"]: (one["before"], one["after"]) for one in plan["places"]}
    assert room["mig-7g.40gb"] == (0, 1)
    assert "Nothing has moved" in site.nav("pool", "defragment").out
    assert all(len(site.ask("job", str(job))["attempts"]) == 1 for job in held)

    assert site.ask("pool", "defragment", "--apply")["applied"]
    for job in held:
        site.wait_for_state(job, "running")
    site.wait_for_state(site.submit("--on", "mig-7g.40gb", *SLEEP), "running")
    said = site.nav("pool", "defragment", "--most", "0")
    assert said.code != 0 and "1 to 64" in said.err


def test_who_did_not_say_that_it_can_begin_anew_stays(site: Installation) -> None:
    halves(site)
    assert "nothing to gain" in site.nav("pool", "defragment").out
    assert "moving" not in site.ask("try", "--on", "mig-7g.40gb")
