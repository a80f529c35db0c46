# SPDX-License-Identifier: Apache-2.0
"""Webhooks as an administrator makes them: the secret once, a test at once, and why one is not taken."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from test_looks import look_over
from visit import Visit, wait_until
from webhook_receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


def make(page: Page, url: str) -> str:
    """A webhook by the form; its number."""
    page.get_by_label("Address", exact=True).fill(url)
    page.get_by_role("button", name="Make the webhook").click()
    told = page.get_by_text(re.compile(r"webhook-\d+ signs under this"))
    expect(told).to_be_visible()
    return told.inner_text().split()[0]


def test_a_webhook_is_made_tested_and_deleted(page: Page, visit: Visit, receiver: Receiver) -> None:
    page.goto("/admin/webhooks")
    page.get_by_label("a slice or GPU is set aside").check()
    number = make(page, receiver.url)
    secret = page.get_by_test_id("secret").inner_text()
    assert secret.startswith("whsec_")
    assert next(one for one in visit.site.ask("webhook", "list")["items"] if one["id"] == number)["kinds"] == ["set_aside"]
    row = page.get_by_role("row").filter(has_text=receiver.url)
    expect(row).to_contain_text("nothing sent yet")
    row.get_by_role("button", name="Test").click()
    expect(page.get_by_test_id("tested")).to_have_text(re.compile(rf"{number} took the test"))
    assert [notice["kind"] for notice in receiver.notices()] == ["test"]
    page.reload()
    expect(row).to_be_visible()
    expect(page.get_by_test_id("secret")).to_have_count(0)  # it was shown once

    row.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete it").click()
    expect(row).to_have_count(0)
    assert all(one["id"] != number for one in visit.site.ask("webhook", "list")["items"])


def test_one_that_is_not_taken_says_why(page: Page, visit: Visit, receiver: Receiver) -> None:
    receiver.status = 503
    page.goto("/admin/webhooks")
    number = make(page, receiver.url)
    row = page.get_by_role("row").filter(has_text=receiver.url)
    row.get_by_role("button", name="Test").click()
    expect(page.get_by_test_id("tested")).to_contain_text("503")
    job = visit.site.submit("--on", "mig-1g.5gb", "--", "sleep", "600")
    found = visit.site.wait_for_state(job, "running")["job"]
    gpu, placement = found["place"].removeprefix("gpu").split()
    assert visit.site.nav("sim", "fault", found["node"], "--xid", "94", "--gpu", gpu, "--slice", placement).code == 0
    expect(row).to_contain_text("not taken since")
    expect(row).to_contain_text("503")
    look_over(page, "admin-webhooks")
    assert visit.site.nav("webhook", "delete", number).code == 0
    visit.site.nav("cancel", str(job))
    wait_until("it is taken back", lambda: visit.site.nav("node", "take-back", found["node"], gpu, placement).code == 0)


def test_an_address_that_cannot_be_one_is_said_at_its_field(page: Page, visit: Visit) -> None:
    page.goto("/admin/webhooks")
    page.get_by_label("Address", exact=True).fill("example.org")
    page.get_by_role("button", name="Make the webhook").click()
    expect(page.get_by_role("alert")).to_have_text("An address that begins with https:// or http://")
    page.get_by_label("Address", exact=True).fill("https://ada:secret@example.org/told")
    page.get_by_role("button", name="Make the webhook").click()
    expect(page.get_by_role("alert")).to_contain_text("user")  # the server's own words, at the same field
    visit.complaints.clear()  # the 400 itself
