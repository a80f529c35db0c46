# SPDX-License-Identifier: Apache-2.0
"""Before one presses Run: when, where and for how much, and that nothing is sent."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from visit import Restartable, Visit

MOMENT = r"(\d+ \w+, )?\d\d:\d\d"  # with its day, where that is not today


def test_before_pressing_the_very_slice_is_drawn_and_nothing_is_sent(page: Page, visit: Visit) -> None:
    before = visit.site.ask("jobs", "--limit", "1")["items"]
    page.goto("/run?on=mig-2g.10gb,cpu")
    answer = page.get_by_role("region", name="Before you press Run")
    expect(answer.get_by_test_id("before")).to_have_text("Starts now")
    expect(answer).to_contain_text(re.compile(r"on its first choice, mig-2g\.10gb: 2g\.10gb@\d of \S+, GPU \d"))
    expect(answer.locator(".v.mine")).to_contain_text("yours")
    expect(answer).to_contain_text("not priced")
    expect(answer.get_by_role("row")).to_have_count(2)
    page.get_by_label("How many").fill("3")
    expect(answer.get_by_test_id("before")).to_have_text("All 3 start now")
    assert visit.site.ask("jobs", "--limit", "1")["items"] == before


def test_what_no_hardware_gives_is_never_and_not_merely_later(page: Page) -> None:
    page.goto("/run?on=mig-1g.5gb")
    page.get_by_text("More: variables").click()
    page.get_by_label("Processors").fill("900")
    expect(page.get_by_test_id("before")).to_have_text("It would never start")
    expect(page.get_by_role("region", name="Before you press Run").get_by_role("row")).to_contain_text("never")


def test_what_is_held_says_by_when_it_comes_and_the_fallback_is_seen(browser: Browser, site_of_its_own: Restartable) -> None:
    holder = site_of_its_own.submit("--on", "a100-x8", "--name", "holder", "--cpus", "16", "--memory", "64G", "--time-limit", "40m", "--", "sleep", "3000")
    site_of_its_own.wait_for_state(holder, "running")
    visit = Visit(browser, site_of_its_own)
    page = visit.sign_in()
    page.goto("/run?on=a100:wait%3D60m,cpu")
    answer = page.get_by_role("region", name="Before you press Run")
    expect(answer.get_by_test_id("before")).to_have_text(re.compile(rf"Starts by {MOMENT}"))
    expect(answer.get_by_role("row").filter(has_text="cpu")).to_contain_text("now")
    expect(page.get_by_role("button", name=re.compile(r"^a100 one whole GPU"))).to_contain_text(re.compile(rf"0 free\s*by {MOMENT}"))
    site_of_its_own.nav("cancel", str(holder))
    expect(answer.get_by_test_id("before")).to_have_text("Starts now")  # by itself
    visit.close()
