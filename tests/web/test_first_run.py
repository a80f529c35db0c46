# SPDX-License-Identifier: Apache-2.0
"""An installation with nothing in it explains itself, to those who run it and to those who use it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from test_looks import keep, serious
from visit import Installation, Visit, nav_program


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Installation]:
    """Served, without a machine."""
    site = Installation(tmp_path, "--no-agent")
    site.serves = lambda: (site.data / "run" / "url").exists()  # type: ignore[method-assign]
    site.start()
    yield site
    site.stop()


def person(site: Installation, name: str, role: str) -> str:
    """A token of somebody who is in the default project."""
    assert site.nav("user", "add", name, "--role", role).code == 0
    assert site.nav("project", "members", "default", "--add", name).code == 0
    return str(site.ask("token", "create", name, "--user", name)["secret"])


def test_an_admin_copies_a_command_and_a_simulated_machine_is_there(browser: Browser, empty: Installation) -> None:
    visit = Visit(browser, empty)
    page = visit.sign_in()
    expect(page.get_by_role("heading", name="No GPU has joined yet")).to_be_visible()
    expect(page.get_by_text("jobs that are submitted wait for one")).to_be_visible()
    page.get_by_role("button", name="Show the command", exact=True).click()
    expect(page.get_by_test_id("join-command")).to_contain_text(re.compile(r"nav agent --join 'https://\S+#sha256:\w+' --token-file join-token$"))
    page.get_by_role("button", name="Show the command for it").click()
    command = page.get_by_test_id("simulate-command").inner_text()
    assert serious(page) == []

    path = f"{nav_program().parent}:{empty.environment['PATH']}"
    agent = subprocess.Popen(["sh", "-c", command], cwd=empty.folder, env=empty.environment | {"PATH": path}, start_new_session=True)
    try:
        expect(page.locator("[data-mark]").first).to_be_visible(timeout=60_000)  # by itself
        assert [node["name"] for node in empty.ask("nodes")["items"]] == ["simulated-1"]
        steps = page.get_by_role("region", name="First steps")
        expect(steps.get_by_role("heading", name="Nothing has run here yet")).to_be_visible()
        expect(steps.get_by_role("link", name="Make a person")).to_be_visible()
        assert serious(page) == []
        keep(page, "first-steps")

        steps.get_by_role("link", name="Open it in Run").click()
        expect(page.get_by_test_id("before")).to_have_text("Starts now")
        expect(page.get_by_label("Name")).to_have_value("first-job")
        page.keyboard.press("Control+Enter")
        page.wait_for_url("**/jobs/*")
        expect(page.get_by_test_id("log")).to_contain_text("step 10 of 10", timeout=60_000)
        expect(page.get_by_test_id("log")).to_contain_text(re.compile(r"job \d+ has 1g\.5gb@\d MIG-"))
        page.goto("/pool")
        expect(page.locator("[data-mark]").first).to_be_visible()
        expect(page.get_by_role("region", name="First steps")).to_have_count(0)
        visit.close()
    finally:
        empty.stop()  # while the machine is there to say that nothing runs
        os.killpg(agent.pid, signal.SIGTERM)  # the shell and what it started
        agent.wait(30)


def test_somebody_who_cannot_add_a_machine_is_told_whom_it_takes(browser: Browser, empty: Installation) -> None:
    visit = Visit(browser, empty, theme="dark")
    page = visit.sign_in(person(empty, "ada", "member"))
    expect(page.get_by_role("heading", name="No GPU has joined yet")).to_be_visible()
    expect(page.get_by_test_id("ask")).to_contain_text("operator or admin")
    expect(page.get_by_role("button", name=re.compile("Show the command"))).to_have_count(0)
    assert serious(page) == []
    page.get_by_role("link", name="open the example flow").click()
    expect(page.get_by_role("region", name="Step train")).to_be_visible()
    expect(page.get_by_test_id("check")).to_have_text("cannot run yet")
    visit.complaints.clear()  # the refusal of what cannot run without a machine
    visit.close()


def test_a_user_opens_the_example_flow_as_it_fits_what_is_there(browser: Browser, tmp_path: Path) -> None:
    if Path("/dev/nvidiactl").exists():
        pytest.skip("this machine has a GPU of its own")
    site = Installation(tmp_path)
    site.start()
    try:
        visit = Visit(browser, site)
        page = visit.sign_in(person(site, "ada", "member"))
        expect(page.get_by_test_id("first-steps")).to_contain_text("On the processor.")
        expect(page.get_by_test_id("first-steps")).to_contain_text("nav run --on cpu --wait -- nproc")
        page.get_by_role("link", name="Open it in the editor").click()
        expect(page.get_by_test_id("check")).to_have_text("can run: 8 jobs")
        page.goto("/jobs")
        expect(page.get_by_role("heading", name="No job has been run yet")).to_be_visible()
        page.get_by_role("link", name="Open it in Run").click()
        expect(page.get_by_test_id("before")).to_have_text("Starts now")
        visit.close()

        looker = Visit(browser, site)
        page = looker.sign_in(person(site, "eve", "viewer"))
        expect(page.get_by_role("heading", name="You may look")).to_be_visible()
        expect(page.get_by_role("link", name="Open it in Run")).to_have_count(0)
        looker.close()
    finally:
        site.stop()
