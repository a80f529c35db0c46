# SPDX-License-Identifier: Apache-2.0
"""Flows that are run again and again, on a whole installation with the clock of this machine."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from installation import Installation, wait_until

FLOW = """
name: nightly
parameters: {word: hello}
components:
  say: {on: cpu, command: [sh, -c, 'echo {{word}} $NAV_SCHEDULED_FOR > $NAV_OUTPUTS/said'], outputs: said}
"""
MINUTE = 60_000_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("schedules"), "--simulate", "dgx-a100:1")
    try:
        installation.start()
        yield installation
    finally:
        installation.stop()


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    path = tmp_path / "flow.yaml"
    path.write_text(FLOW)
    return path


def create(site: Installation, flow: Path | str, *more: str) -> str:
    said = site.nav("flow", "schedule", "create", flow, *more)
    assert said.code == 0, said.err
    return said.out.strip()


def show(site: Installation, schedule: str) -> Any:
    return site.ask("flow", "schedule", "show", schedule)


def test_a_schedule_is_made_shown_paused_resumed_and_deleted(site: Installation, flow: Path) -> None:
    name = create(site, flow, "--cron", "30 2 * * mon-fri", "--time-zone", "Europe/Berlin", "--param", "word=hi", "--overlap", "allow", "--may-be-late", "2h")
    assert site.ask("flow", "list", "--flows")["items"][0]["name"] == "nightly", "it is kept"
    runs = len(site.ask("flow", "list")["items"])
    details = show(site, name)
    schedule = details["schedule"]
    assert (schedule["flow"], schedule["cron"], schedule["time_zone"], schedule["overlap"]) == ("nightly", "30 2 * * mon-fri", "Europe/Berlin", "allow")
    assert (schedule["parameters"], schedule["may_be_late"]) == ({"word": "hi"}, 2 * 60 * MINUTE)
    assert len(details["next"]) == 5
    assert all(time // MINUTE % 1440 in (30, 90) for time in details["next"]), "2:30 in Berlin is 0:30 or 1:30 in UTC"
    assert schedule["next"] == details["next"][0]
    assert "30 2 * * mon-fri" in site.nav("flow", "schedule", "list").out
    changed = site.ask("flow", "schedule", "change", name, "--cron", "0 3 * * *", "--param", "word=hey")
    assert (changed["cron"], changed["time_zone"], changed["parameters"], changed["overlap"]) == ("0 3 * * *", "Europe/Berlin", {"word": "hey"}, "allow")
    assert site.nav("flow", "schedule", "change", name, "--cron", "30 2 * * mon-fri", "--time-zone", "Europe/Berlin").code == 0
    assert "nothing is to be changed" in site.nav("flow", "schedule", "change", name).err
    assert site.nav("flow", "schedule", "pause", name).out == f"{name} is paused.\n"
    assert show(site, name)["next"] == []
    assert "paused" in site.nav("flow", "schedule", "show", name).out
    assert site.nav("flow", "schedule", "resume", name).code == 0
    assert show(site, name)["schedule"]["next"] == details["next"][0]
    assert site.nav("flow", "schedule", "delete", name).code == 0
    gone = site.nav("flow", "schedule", "show", name)
    assert (gone.code, gone.err.splitlines()[0]) == (4, f"nav: there is no {name}")
    assert len(site.ask("flow", "list")["items"]) == runs, "nothing was started"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--cron", "61 * * * *"), ("there is no minute 61", "minute: 0 to 59")),
        (("--cron", "0 0 30 2 *"), ("never comes", "a day that one of its months has")),
        (("--cron", "0 0 * *"), ("has 4 fields", "five fields")),
        (("--cron", "@daily", "--time-zone", "Europe/Berln"), ('there is no time zone "Europe/Berln"', "did you mean Europe/Berlin")),
        (("--cron", "@daily", "--may-be-late", "5s"), ("may_be_late is 5s", "1m to 31d")),
        (("--cron", "@daily", "--param", "wort=x"), ("word",)),
        (("--cron", "@daily", "--overlap", "maybe"), ("skip", "allow")),
        ((), ("--cron",)),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(site: Installation, flow: Path, options: tuple[str, ...], words: tuple[str, ...]) -> None:
    said = site.nav("flow", "schedule", "create", flow, *options)
    assert said.code in (2, 3), said.out + said.err
    for word in words:
        assert word in said.err
    assert site.ask("flow", "schedule", "list")["items"] == []


def test_a_flow_that_is_not_sound_is_refused_with_its_line(site: Installation, flow: Path) -> None:
    flow.write_text(FLOW.replace("on: cpu", "on: cpux"))
    said = site.nav("flow", "schedule", "create", flow, "--cron", "@daily")
    assert said.code == 3
    assert "flow.yaml:5:" in said.err


def test_each_minute_is_run_once_though_the_controller_is_killed(site: Installation, flow: Path, tmp_path: Path) -> None:
    every, skipping = create(site, flow, "--cron", "* * * * *"), create(site, "nightly", "--cron", "* * * * *", "--param", "word=again")
    came = wait_until("the first minute comes", lambda: show(site, every)["times"], 120)[0]
    assert site.server
    site.server.send_signal(signal.SIGKILL)
    site.server.wait()
    site.start()
    assert (came["outcome"], came["at"] % MINUTE) == ("started", 0)
    for name, word in ((every, "hello"), (skipping, "again")):
        first = wait_until("it came for both", lambda name=name: show(site, name)["times"], 60)[-1]
        wait_until(f"{first['run']} is over", lambda run=first["run"]: site.ask("flow", "show", run)["run"]["state"] == "succeeded", 60)
        run = site.ask("flow", "show", first["run"])["run"]
        assert (run["schedule"], run["scheduled_for"]) == (name, came["at"])
        assert site.nav("flow", "fetch", first["run"], "say", "said", "--to", tmp_path / name).code == 0
        assert (tmp_path / name).read_text().startswith(word)
        assert site.nav("flow", "schedule", "delete", name).code == 0
    times = Counter((run["schedule"], run["scheduled_for"]) for run in site.ask("flow", "list")["items"] if "schedule" in run)
    assert set(times.values()) == {1}, times
