# SPDX-License-Identifier: Apache-2.0
"""Reports that are made again and again into a folder, on a whole installation with the clock of this machine."""

from __future__ import annotations

import calendar
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from installation import Installation, Said, wait_until

NAME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-00Z\.(csv|html|json)")
SELDOM = ("--cron", "0 0 1 1 *")
EACH_MINUTE = ("--cron", "* * * * *")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation on which a job holds a slice."""
    installation = Installation(tmp_path_factory.mktemp("reports"), "--simulate", "dgx-a100:1", "--no-agent")
    try:
        installation.start()
        job = installation.submit("--on", "mig-1g.5gb", "--", "sleep", "3600")
        installation.wait_for_state(job, "running")
        yield installation
    finally:
        installation.stop()


def create(site: Installation, name: str, *more: str) -> None:
    said = site.nav("report", "schedule", "create", name, *more)
    assert said.code == 0, said.err


def show(site: Installation, name: str) -> Any:
    return site.ask("report", "schedule", "show", name)


def folder(site: Installation, name: str) -> Path:
    return site.data / "reports" / name


def is_whole(file: Path) -> bool:
    text = file.read_bytes()
    return text.endswith({".csv": b"\r\n", ".html": b"</html>\n", ".json": b"}\n"}[file.suffix])


def run(site: Installation, name: str) -> list[str]:
    said = site.nav("report", "schedule", "run", name)
    assert said.code == 0, said.err
    return said.out.split()


def test_a_report_that_was_made_is_what_nav_report_prints(site: Installation) -> None:
    create(site, "teams", "usage", "--by", "team", "--by", "template", "--span", "1h", "--format", "csv,html,json", *SELDOM)

    def with_use() -> list[str]:
        names = run(site, "teams")
        return names if "default,mig-1g.5gb" in (folder(site, "teams") / names[0]).read_text() else []

    names = wait_until("a minute in which the slice was held is counted", with_use, 180)
    found = [NAME.fullmatch(name) for name in names]
    assert [match and match[4] for match in found] == ["csv", "html", "json"]
    day, hour, minute = found[0].group(1, 2, 3)  # type: ignore[union-attr]
    until = f"{day}T{hour}:{minute}"
    earlier = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(calendar.timegm(time.strptime(until, "%Y-%m-%dT%H:%M")) - 3600))
    wanted = ("report", "usage", "--by", "team", "--by", "template", "--from", earlier, "--to", until)
    fetched = site.folder / "fetched"
    for name, printed in zip(names, (site.nav(*wanted, "--csv").out, None, site.nav(*wanted, "--json").out), strict=True):
        assert site.nav("report", "schedule", "fetch", "teams", name, "--to", fetched).code == 0
        assert fetched.read_bytes() == (folder(site, "teams") / name).read_bytes()
        if printed is not None:
            assert fetched.read_text() == printed
    page = site.folder / "page.html"
    assert site.nav(*wanted, "--html", page).code == 0
    assert page.read_bytes() == (folder(site, "teams") / names[1]).read_bytes() and b"<svg" in page.read_bytes()
    assert [file["name"] for file in show(site, "teams")["files"]][:3] == names
    assert site.nav("report", "schedule", "fetch", "teams", "--to", "-").out == site.nav("report", "schedule", "fetch", "teams", names[0], "--to", "-").out
    assert (folder(site, "teams").stat().st_mode & 0o777, (folder(site, "teams") / names[0]).stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_schedule_is_changed_paused_resumed_and_deleted(site: Installation) -> None:
    create(site, "changing", "idle", "--by", "node", "--time-zone", "Europe/Berlin", "--cron", "0 6 * * mon", "--keep", "7")
    schedule = show(site, "changing")["schedule"]
    assert (schedule["report"], schedule["by"], schedule["time_zone"], schedule["keep"]) == ("idle", ["node"], "Europe/Berlin", 7)
    assert len(show(site, "changing")["next"]) == 5
    assert site.nav("report", "schedule", "change", "changing", "--keep", "3", "--format", "html").code == 0
    schedule = show(site, "changing")["schedule"]
    assert (schedule["keep"], schedule["formats"], schedule["cron"]) == (3, ["html"], "0 6 * * mon")
    assert "is paused" in site.nav("report", "schedule", "pause", "changing").out
    assert "paused" in site.nav("report", "schedule", "list").out and "next" not in show(site, "changing")["schedule"]
    assert "goes on at" in site.nav("report", "schedule", "resume", "changing").out
    (name,) = run(site, "changing")
    assert site.nav("report", "schedule", "delete", "changing").code == 0
    assert site.nav("report", "schedule", "fetch", "changing", name, "--to", "-").code != 0
    assert (folder(site, "changing") / name).exists(), "its files stay"


def test_several_who_ask_at_once_get_the_same_report(site: Installation) -> None:
    create(site, "crowd", "usage", *SELDOM)
    with ThreadPoolExecutor(6) as people:
        said: list[Said] = list(people.map(lambda _: site.nav("report", "schedule", "run", "crowd"), range(6)))
    assert all(one.code == 0 for one in said), [one.err for one in said]
    names = {name for one in said for name in one.out.split()}
    there = {path.name for path in folder(site, "crowd").iterdir()}
    assert names == there and 2 <= len(names) <= 6, "of one minute, or of as many as went by"
    assert all(is_whole(path) for path in folder(site, "crowd").iterdir())


def test_a_controller_that_is_killed_leaves_no_half_report_and_makes_what_it_missed(tmp_path: Path) -> None:
    site = Installation(tmp_path, "--simulate", "a30:1", "--no-agent")
    try:
        site.start()
        create(site, "often", "usage", "--format", "csv,html,json", "--keep", "30", *EACH_MINUTE)
        wait_until("something is counted", lambda: site.nav("report", "schedule", "run", "often").code == 0, 60)
        for round_ in range(4):
            with ThreadPoolExecutor(3) as people:
                asked = [people.submit(lambda: [site.nav("report", "schedule", "run", "often", timeout=20) for _ in range(3)]) for _ in range(3)]
                time.sleep(0.05 + 0.03 * round_)
                assert site.server is not None
                site.server.send_signal(signal.SIGKILL)
                site.server.wait()
                files = [path for path in folder(site, "often").iterdir() if NAME.fullmatch(path.name)]
                assert files and all(is_whole(path) for path in files)
                if round_ < 3:
                    site.start()
                del asked
        # One whole minute goes by without a controller.
        down = time.time()
        missed = (int(down) // 60 + 1) * 60
        time.sleep(missed + 1 - down)
        site.start()
        stem = time.strftime("%Y-%m-%dT%H-%M-00Z", time.gmtime(missed))
        wait_until("it is made afterwards", lambda: all((folder(site, "often") / f"{stem}.{form}").exists() for form in ("csv", "html", "json")), 60)
        left = [path.name for path in folder(site, "often").iterdir()]
        assert all(NAME.fullmatch(name) for name in left), left
        assert "problem" not in show(site, "often")["schedule"]
    finally:
        site.stop()


def test_a_disk_that_is_full_or_read_only_is_told_and_holds_up_nothing_else(tmp_path: Path) -> None:
    site = Installation(tmp_path, "--simulate", "a30:1", "--no-agent")
    place = site.data / "reports"

    def mount(*words: str) -> int:
        return subprocess.run(["mount", *words, str(place)], capture_output=True, check=False).returncode

    place.mkdir(parents=True)
    if os.geteuid() != 0 or mount("-t", "tmpfs", "-o", "size=32k", "none") != 0:
        pytest.skip("only root makes disks")
    ballast = place / "ballast"
    try:
        site.start()
        create(site, "full", "usage", "--format", "html", *EACH_MINUTE)
        wait_until("something is counted", lambda: site.nav("report", "schedule", "run", "full").code == 0, 60)
        with ballast.open("wb", buffering=0) as rest:
            try:
                while rest.write(bytes(4096)):
                    pass
            except OSError:
                pass

        def problem() -> str | None:
            return site.ask("report", "schedule", "list")["items"][0].get("problem")

        assert wait_until("its problem is shown", problem, 120) == "there is no room left for reports"
        assert "no room left" in site.nav("report", "schedule", "list").out
        said = site.nav("report", "schedule", "run", "full")
        assert said.code == 1 and "there is no room left for reports" in said.err, said
        assert not [path for path in (place / "full").iterdir() if not NAME.fullmatch(path.name)]
        assert "full: a report cannot be made: there is no room left for reports" in site.log.read_text()
        job = site.submit("--on", "cpu", "--", "true")
        site.wait_for_state(job, "succeeded")
        ballast.unlink()
        wait_until("it is made after all", lambda: problem() is None, 120)

        assert mount("-o", "remount,ro") == 0
        said = site.nav("report", "schedule", "run", "full")
        assert said.code == 1 and "Read-only file system" in said.err, said
        assert mount("-o", "remount,rw") == 0
        assert site.nav("report", "schedule", "run", "full").code == 0
    finally:
        site.stop()
        subprocess.run(["umount", "-l", place], check=False)


@pytest.mark.parametrize("role", ["operator", "viewer"])
def test_nobody_but_an_admin_makes_or_reads_them(site: Installation, role: str) -> None:
    assert site.nav("user", "add", f"some-{role}", "--role", role).code == 0
    token = site.nav("token", "create", "t", "--user", f"some-{role}").out.strip()
    as_them: dict[str, Any] = {"NAV_URL": (site.data / "run/url").read_text().strip(), "NAV_TOKEN": token}
    for words in (["list"], ["create", "mine", "usage", *SELDOM], ["show", "teams"], ["run", "teams"], ["delete", "teams"], ["fetch", "teams", "x"]):
        said = site.nav("report", "schedule", *words, **as_them)
        assert said.code != 0 and "admin" in said.err, (words, said)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a/b", "usage", *SELDOM), ("name", "a/b")),
        (("..", "usage", *SELDOM), ("name", "cannot be a name")),
        (("a", "use", *SELDOM), ("report", "there are usage, demand")),
        (("a", "usage", "--cron", "61 * * * *"), ("cron", "minute")),
        (("a", "usage", *SELDOM, "--time-zone", "Europe/Berlim"), ("time_zone", "Europe/Berlin")),
        (("a", "usage", *SELDOM, "--keep", "0"), ("keep", "1 to 1000")),
        (("a", "usage", *SELDOM, "--format", "parquet"), ("formats[0]", "nav report --parquet")),
        (("a", "usage", *SELDOM, "--span", "1s"), ("span", "1m")),
        (("a", "idle", *SELDOM, "--by", "team"), ("by", "node or site")),
    ],
)
def test_a_wrong_one_is_refused_by_its_field_with_what_would_be_right(site: Installation, words: tuple[str, ...], said: tuple[str, str]) -> None:
    refused = site.nav("report", "schedule", "create", *words)
    assert refused.code in (2, 3), refused
    assert all(part in refused.err for part in said), refused.err
    assert all(one["name"] != words[0] for one in site.ask("report", "schedule", "list")["items"])


@pytest.mark.parametrize("name", ["../teams/x.csv", "../../admin-token", "2026-11-23T06-00-00Z.csv", "notes.txt"])
def test_no_name_of_a_file_leads_out_of_the_folder(site: Installation, name: str) -> None:
    if not any(one["name"] == "closed" for one in site.ask("report", "schedule", "list")["items"]):
        create(site, "closed", "usage", *SELDOM)
    said = site.nav("report", "schedule", "fetch", "closed", name, "--to", "-")
    assert said.code != 0 and not said.out and "has no report" in said.err, said
