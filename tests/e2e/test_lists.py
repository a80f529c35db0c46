# SPDX-License-Identifier: Apache-2.0
"""Compute lists: a slice, else a cloud's V100, else processors; templates of one's own; the answer before submitting."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from installation import Installation, wait_until

SLEEP = ("--", "sleep", "600")
SMALL = ("--cpus", "1", "--memory", "1G")  # a whole GPU's share is all of its node


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Installation]:
    """One A100, and a cloud of two V100 that boot within a second and go back after two idle ones."""
    site = Installation(
        tmp_path, "--simulate", "a100-40gb:1", "--no-agent", "--simulate-cloud", "v100:2,boot=1s,idle=2s,price=2.50"
    )
    site.start()
    yield site
    site.stop()


def fill(site: Installation) -> list[int]:
    """Jobs on all seven slices of the A100."""
    first = site.submit("--on", "mig-1g.5gb", "--count", "7", *SLEEP)
    jobs = list(range(first, first + 7))
    for job in jobs:
        site.wait_for_state(job, "running")
    return jobs


def machines(site: Installation) -> list[Any]:
    return site.ask("cloud", "list")["items"][0]["machines"]


def cancel(site: Installation, *jobs: int) -> None:
    for job in jobs:
        site.nav("cancel", str(job))
        site.wait_for_state(job, "cancelled")


def test_a_slice_else_a_v100_of_the_cloud_else_processors(site: Installation) -> None:
    wish = ("--on", "mig-1g.5gb:wait=1s", "--on", "v100-cloud:price=3.00", "--on", "cpu")
    held = fill(site)

    on_cloud = site.submit(*wish, *SLEEP)
    got = site.wait_for_state(on_cloud, "running")
    assert (got["job"]["on"], got["job"]["node"]) == ("v100-cloud", "v100-cloud-1")
    told = [(one["on"], one["chosen"]) for one in got["rungs"]]
    assert told[0] == ("mig-1g.5gb", False) and told[-1] == ("v100-cloud", True)
    passed = got["rungs"][0]
    assert 1_000_000 <= passed["until"] - passed["since"] < 5_000_000, "its wait, and no longer"
    assert "held by 7 jobs" in passed["why"]
    assert got["rungs"][-1]["price_micro"] == 2_500_000
    assert "chosen" in site.nav("job", str(on_cloud)).out

    assert site.nav("cloud", "close", "v100-cloud").code == 0
    on_cpu = site.submit(*wish, *SLEEP)
    got = site.wait_for_state(on_cpu, "running")
    assert got["job"]["on"] == "cpu"
    assert any("v100-cloud is closed" in one["why"] for one in got["rungs"])

    waiting = site.submit("--on", "mig-1g.5gb:wait=10m", "--on", "v100-cloud", "--on", "cpu", *SLEEP)
    why = site.ask("why", str(waiting))
    assert why["lack"] == "busy" and "mig-1g.5gb until" in why["sentence"]
    cancel(site, held[0])
    got = site.wait_for_state(waiting, "running")
    assert got["job"]["on"] == "mig-1g.5gb", "a slice fell free before its wait ended"

    cancel(site, on_cloud)
    wait_until("the machine is given back", lambda: not machines(site))


def test_a_rung_that_costs_too_much_is_passed_over(site: Installation) -> None:
    job = site.submit("--on", "v100-cloud:price=2.49", "--on", "cpu", *SLEEP)
    got = site.wait_for_state(job, "running")
    assert got["job"]["on"] == "cpu"
    assert "costs 2.50 an hour, more than 2.49" in got["rungs"][0]["why"]
    assert machines(site) == []


def test_the_last_rung_waits_for_a_machine_and_machines_go_back_when_idle(site: Installation) -> None:
    first = site.submit("--on", "v100-cloud", "--count", "3", "--", "sleep", "1")
    for job in range(first, first + 3):
        site.wait_for_state(job, "succeeded")
    names = {site.ask("job", str(job))["job"]["node"] for job in range(first, first + 3)}
    assert names == {"v100-cloud-1", "v100-cloud-2"}, "no more than two at once, and the third job had one of them"
    wait_until("both are given back", lambda: not machines(site))


def test_what_was_wanted_of_the_cloud_survives_the_controller(site: Installation) -> None:
    job = site.submit("--on", "v100-cloud", "--", "sleep", "600")
    wait_until("a machine boots", lambda: machines(site))
    assert site.server is not None
    site.server.send_signal(signal.SIGKILL)
    site.server.wait()
    site.start()
    got = site.wait_for_state(job, "running")
    assert got["job"]["node"] == "v100-cloud-1", "the one that was wanted before, and no other"
    assert [one["name"] for one in machines(site)] == ["v100-cloud-1"]
    assert [path.name for path in (site.data / "clouds" / "v100-cloud").iterdir() if path.is_dir()] == ["v100-cloud-1"]
    cancel(site, job)
    wait_until("it is given back", lambda: not machines(site))
    assert [path.name for path in (site.data / "clouds" / "v100-cloud").iterdir() if path.is_dir()] == []


def test_a_job_climbs_back_when_its_best_is_free(site: Installation) -> None:
    whole = site.submit("--on", "mig-7g.40gb", *SMALL, *SLEEP)
    site.wait_for_state(whole, "running")
    job = site.submit("--on", "mig-7g.40gb", "--on", "cpu", "--restartable", "--upgrade", "restart", *SMALL, *SLEEP)
    assert site.wait_for_state(job, "running")["job"]["on"] == "cpu"
    cancel(site, whole)
    wait_until("it runs on the GPU", lambda: site.ask("job", str(job))["job"]["on"] == "mig-7g.40gb")
    assert site.wait_for_state(job, "running")["job"]["attempt"] == 2


def test_trying_tells_now_later_and_never_and_submits_nothing(site: Installation) -> None:
    trial = site.ask("try", "--on", "mig-1g.5gb", "--count", "9")
    assert (trial["now"], trial["start"]["confidence"], trial["start"]["place"][:4]) == (7, "now", "gpu0")
    limited = site.submit("--on", "mig-7g.40gb", "--time-limit", "10m", *SMALL, *SLEEP)
    site.wait_for_state(limited, "running")
    trial = site.ask("try", "--on", "mig-1g.5gb:wait=2s", "--on", "v100-cloud", "--on", "cpu")
    assert [one["can"] for one in trial["rungs"]] == ["later", "later", "now"]
    assert trial["rungs"][0]["start"]["confidence"] == "at_latest"
    assert trial["start"]["on"] == "v100-cloud" and trial["start"]["confidence"] == "about"
    assert trial["start"]["price_micro"] == 2_500_000
    waiting = site.submit("--on", "mig-7g.40gb", *SMALL, "--", "true")
    why = site.ask("why", str(waiting))
    assert why["start"]["confidence"] == "at_latest" and why["start"]["at"] == trial["rungs"][0]["start"]["at"]
    assert "at the latest, on mig-7g.40gb" in site.nav("why", str(waiting)).out
    cancel(site, waiting)
    never = site.ask("try", "--on", "mig-1g.5gb", "--cpus", "9000")
    assert never["rungs"][0]["can"] == "never" and never["sentence"].startswith("never")
    assert [one["id"] for one in site.ask("jobs")["items"]] == [waiting, limited]
    assert machines(site) == []


def test_a_malformed_rung_is_refused_with_its_number_and_key(site: Installation) -> None:
    wrong = {"cpu:wait=2x": "on[1].wait", "cpu:price=cheap": "on[1].price", "cpu:color=red": "on[1].color", ":wait=2m": "on[1]"}
    for rung, field in wrong.items():
        said = site.nav("run", "--on", "mig-1g.5gb", "--on", rung, "--", "true")
        assert said.code == 3, said
        assert "rung 2" in said.err and f"field: {field}" in said.err, said.err
