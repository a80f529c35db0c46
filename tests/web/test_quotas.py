# SPDX-License-Identifier: Apache-2.0
"""Quotas of teams and limits of people, set in the browser and seen by the command line."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from visit import Visit


def test_a_quota_is_set_refused_in_words_and_seen_by_the_command_line(page: Page, visit: Visit) -> None:
    assert visit.site.nav("team", "add", "quota-team").code == 0
    assert visit.site.nav("project", "add", "quota-lab", "--team", "quota-team").code == 0
    assert visit.site.nav("project", "members", "quota-lab", "--add", "admin").code == 0
    job = visit.site.submit("--on", "mig-2g.10gb", "--project", "quota-lab", "--name", "in-quota", "--", "sleep", "600")
    visit.site.wait_for_state(job, "running")
    page.goto("/admin/quotas")
    row = page.get_by_role("row").filter(has_text="quota-team")
    page.get_by_role("button", name="Quota of quota-team").click()
    dialog = page.get_by_role("dialog", name="Quota of quota-team")
    dialog.get_by_label("Its own slices").fill("seven")
    dialog.get_by_role("button", name="Set it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("A whole number")
    dialog.get_by_label("Its own slices").fill("7")
    dialog.get_by_label("Weight").fill("3")
    dialog.get_by_role("button", name="Set it").click()
    expect(dialog).to_have_count(0)
    expect(row).to_contain_text("2 of 7")
    expect(row.get_by_role("img")).to_have_attribute("aria-label", "2 slices in use of its own 7")
    team = next(one for one in visit.site.ask("team", "list")["items"] if one["name"] == "quota-team")
    assert (team["quota"]["slices"], team["quota"]["weight"]) == (7, 3)
    visit.site.nav("cancel", str(job))


def test_a_persons_limits_hold_from_the_browser(page: Page, visit: Visit) -> None:
    page.goto("/admin/quotas")
    page.get_by_role("button", name="Limits of admin").click()
    dialog = page.get_by_role("dialog", name="Limits of admin")
    dialog.get_by_label("Jobs that wait").fill("50000")
    dialog.get_by_role("button", name="Set it").click()
    expect(page.get_by_role("region", name="People").get_by_role("row").filter(has_text="admin")).to_contain_text(re.compile("of 50\u2009000"))
    page.get_by_role("button", name="Limits of admin").click()
    dialog.get_by_label("Jobs that wait").fill("")
    dialog.get_by_role("button", name="Set it").click()
    expect(page.get_by_role("region", name="People").get_by_role("row").filter(has_text="admin")).not_to_contain_text("of 50")
