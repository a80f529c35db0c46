# SPDX-License-Identifier: Apache-2.0
"""Bringing together what is free: the plan before, the question, and what became of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from test_looks import look_over
from test_moves import halves
from visit import Installation, Visit

SLOW = 60_000  # a job stops, its slice is cut elsewhere, it starts


@pytest.fixture
def two_gpus(tmp_path: Path) -> Iterator[Installation]:
    site = Installation(tmp_path, "--simulate", "a100-40gb:2", "--no-agent")
    site.start()
    yield site
    site.stop()


def test_a_plan_is_seen_before_it_is_carried_out_and_followed_after(browser: Browser, two_gpus: Installation) -> None:
    held = halves(two_gpus, "--restartable", "--name", "half")
    visit = Visit(browser, two_gpus)
    page = visit.sign_in()
    page.get_by_role("link", name="Defragment…").click()
    plan = page.get_by_test_id("plan")
    expect(plan).to_contain_text("1 job would move and empty 1 GPU")
    pictures = page.get_by_role("region", name="Before and after")
    expect(pictures.get_by_role("group")).to_have_count(2)
    expect(pictures.get_by_text("empty", exact=True)).to_have_count(1)
    expect(pictures.locator(".v.lit")).to_have_count(2)  # where it is, and where it would be
    room = page.get_by_role("region", name="Room for")
    expect(room.get_by_role("row").filter(has_text="mig-7g.40gb")).to_have_text(re.compile(r"mig-7g\.40gb\s*0\s*1\s*\+1"))
    moves = page.get_by_role("region", name="Moves")
    expect(moves.get_by_role("row")).to_have_count(2)
    look_over(page, "defragment")

    page.get_by_role("button", name="Move them…").click()
    dialog = page.get_by_role("dialog", name="Move 1 job")
    expect(dialog).to_contain_text("stops and begins anew")
    dialog.get_by_role("button", name="Leave them").click()
    assert all(len(two_gpus.ask("job", str(job))["attempts"]) == 1 for job in held)
    page.get_by_role("button", name="Move them…").click()
    dialog.get_by_role("button", name="Move it").click()
    expect(plan).to_contain_text("The job runs where it was to go, and 1 GPU is empty.", timeout=SLOW)
    expect(moves).to_contain_text("runs there")
    assert sorted(len(two_gpus.ask("job", str(job))["attempts"]) for job in held) == [1, 2]
    page.get_by_role("button", name="Plan anew").click()
    expect(plan).to_contain_text("There is nothing to gain")
    visit.close()


def test_only_an_administrator_is_shown_the_way(browser: Browser, two_gpus: Installation) -> None:
    assert two_gpus.nav("user", "add", "ada", "--role", "operator").code == 0
    token = two_gpus.nav("token", "create", "hers", "--user", "ada").out.strip()
    visit = Visit(browser, two_gpus)
    page = visit.sign_in(token)
    expect(page.get_by_role("link", name="Add a node")).to_be_visible()
    expect(page.get_by_role("link", name="Defragment…")).to_have_count(0)
    page.goto("/pool/defragment")
    expect(page.get_by_text("This is not open to you")).to_be_visible()
    visit.close()
