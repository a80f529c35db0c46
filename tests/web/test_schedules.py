# SPDX-License-Identifier: Apache-2.0
"""Flows that run by themselves: made, looked at by two clocks, paused and deleted."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, Route, expect
from test_looks import look_over
from visit import Installation, Visit

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def nightly(site: Installation, tmp_path: Path) -> str:
    """A flow that is kept and has not run; nothing of the tests before runs by itself."""
    for one in site.ask("flow", "schedule", "list")["items"]:
        assert site.nav("flow", "schedule", "delete", one["id"]).code == 0
    flow = tmp_path / "nightly.yaml"
    flow.write_text('name: nightly\nparameters: {rows: "100"}\ncomponents:\n  work: {on: [cpu], command: [echo, "{{rows}}"]}\n')
    made = site.nav("flow", "schedule", "create", str(flow), "--cron", "@yearly", "--json")
    assert made.code == 0, made.err
    assert site.nav("flow", "schedule", "delete", json.loads(made.out)["id"]).code == 0
    return "nightly"


def shown(microseconds: int, zone: ZoneInfo | timezone) -> str:
    """A moment as the page writes it: "Tue 24 Nov, 05:30"."""
    at = datetime.fromtimestamp(microseconds / 1e6, zone)
    return f"{at:%a} {at.day} {at:%b}, {at:%H:%M}".replace("Sep", "Sept")


def make(page: Page, cron: str) -> str:
    """A schedule by the form, by Berlin's clock; its number."""
    page.get_by_label("When", exact=True).fill(cron)
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Make the schedule").click()
    page.wait_for_url(re.compile(r"/flows/schedules/schedule-\d+$"))
    return page.url.rsplit("/", 1)[1]


def test_a_schedule_is_made_from_a_flow_and_tells_its_next_times_by_two_clocks(page: Page, visit: Visit, nightly: str) -> None:
    page.goto("/flows")
    page.get_by_role("region", name="Flows").get_by_role("link", name=nightly).click()
    page.get_by_role("link", name="Schedules").click()
    form = page.get_by_role("region", name="New schedule")
    expect(form.get_by_label("Flow", exact=True)).to_have_value(f"default/{nightly}")
    form.get_by_label("rows").fill("5000")
    page.get_by_label("When", exact=True).fill("30 2 * * mon-fri")
    expect(page.get_by_test_id("cron-words")).to_contain_text("Runs at 02:30 from Monday to Friday")
    number = make(page, "30 2 * * mon-fri")
    told = visit.site.ask("flow", "schedule", "show", number)
    assert told["schedule"]["parameters"] == {"rows": "5000"}
    rows = page.get_by_role("region", name="Next times").locator("tbody tr")
    expect(rows).to_have_count(5)
    for row, at in zip(rows.all(), told["next"], strict=True):
        expect(row).to_contain_text(shown(at, BERLIN))
        expect(row).to_contain_text(shown(at, UTC))

    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("None while it is paused.")).to_be_visible()
    assert visit.site.ask("flow", "schedule", "show", number)["schedule"]["paused"]
    page.get_by_role("button", name="Resume").click()
    expect(rows).to_have_count(5)

    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    expect(rows).to_have_count(5)
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete it").click()
    expect(page).to_have_url(re.compile("/flows/schedules$"))
    expect(page.get_by_text("Nothing runs by itself yet.")).to_be_visible()
    assert visit.site.ask("flow", "schedule", "list")["items"] == []


def test_what_cannot_be_is_said_at_its_field_and_nothing_is_lost(page: Page, visit: Visit, nightly: str) -> None:
    page.goto(f"/flows/schedules?flow={nightly}&project=default")
    press = page.get_by_role("button", name="Make the schedule")
    when = page.get_by_label("When", exact=True)
    press.click()
    expect(when).to_have_attribute("aria-invalid", "true")
    when.fill("61 2 * * *")
    press.click()
    expect(page.get_by_role("alert")).to_have_text(re.compile("there is no minute 61.*0 to 59"))  # the server's own words
    when.fill("30 2 30 feb *")
    press.click()
    expect(page.get_by_role("alert")).to_contain_text("never comes")
    when.fill("30 2 * * *")
    zone = page.get_by_label("Time zone")
    zone.fill("Mars/Olympus")
    press.click()
    expect(zone).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_contain_text("Mars/Olympus")
    zone.fill("Europe/Berlin")
    late = page.get_by_label("May start late by")
    late.fill("1s")
    press.click()
    expect(late).to_have_attribute("aria-invalid", "true")
    assert visit.site.ask("flow", "schedule", "list")["items"] == []
    late.fill("30 min")
    press.click()
    page.wait_for_url(re.compile(r"/flows/schedules/schedule-\d+$"))
    assert visit.site.ask("flow", "schedule", "list")["items"][0]["may_be_late"] == 30 * 60_000_000
    visit.complaints.clear()  # the 400s themselves


def test_the_list_pauses_and_says_so_of_each(page: Page, visit: Visit, nightly: str) -> None:
    page.goto(f"/flows/schedules?flow={nightly}")
    number = make(page, "*/15 8-18 * * *")
    page.get_by_role("link", name="All schedules").click()
    row = page.get_by_role("row").filter(has_text=number)
    expect(row).to_contain_text("every 15 minutes from 08:00 to 18:45")
    expect(row).to_contain_text("here")
    row.get_by_role("button", name="Pause").click()
    expect(row).to_contain_text("paused")
    assert visit.site.nav("flow", "schedule", "resume", number).code == 0
    expect(row.get_by_role("button", name="Pause")).to_be_visible()  # it heard of it
    look_over(page, "schedules")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_label("When", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a phone scrolls sideways"


def test_what_became_of_times_is_told_with_its_reason(page: Page, visit: Visit, nightly: str) -> None:
    page.goto(f"/flows/schedules?flow={nightly}")
    number = make(page, "30 2 * * *")
    day = 86_400_000_000
    last = visit.site.ask("flow", "schedule", "show", number)["next"][0] - day

    def past(route: Route) -> None:  # days that a test cannot wait for
        answer = route.fetch()
        told = answer.json()
        told["times"] = [
            {"at": last, "outcome": "started", "run": "run-9", "state": "running"},
            {"at": last - day, "outcome": "skipped", "message": "run-7 still goes on"},
            {"at": last - 2 * day, "outcome": "missed", "times": 3, "since": last - 4 * day, "message": "nobody could start it in time"},
            {"at": last - 5 * day, "outcome": "started", "run": "run-1"},
        ]
        route.fulfill(response=answer, json=told)

    page.route(f"**/v1/flow-schedules/{number}", past)
    page.reload()
    rows = page.get_by_role("region", name="Last times").locator("tbody tr")
    expect(rows).to_have_count(4)
    expect(rows.nth(0)).to_contain_text("running")
    expect(rows.nth(0).get_by_role("link", name="run-9")).to_be_visible()
    expect(rows.nth(1)).to_contain_text("run-7 still goes on")
    expect(rows.nth(2)).to_contain_text(f"missed 3 times since {shown(last - 4 * day, BERLIN)}")
    expect(rows.nth(3)).to_contain_text("no longer kept")
    look_over(page, "schedule")
    page.unroute_all(behavior="ignoreErrors")


def test_a_schedule_is_changed_by_whoever_saw_it_as_it_is(page: Page, visit: Visit, nightly: str) -> None:
    page.goto("/flows/schedules")
    number = make(page, "30 2 * * mon-fri")
    page.get_by_role("button", name="Change…").click()
    form = page.get_by_role("dialog", name=f"Change {number}")
    expect(form.get_by_label("Flow", exact=True)).to_be_disabled()
    expect(form.get_by_label("When", exact=True)).to_have_value("30 2 * * mon-fri")
    look_over(page, "schedule-change")
    form.get_by_label("When", exact=True).fill("61 2 * * *")
    form.get_by_role("button", name="Change the schedule").click()
    expect(form.get_by_label("When", exact=True)).to_have_attribute("aria-invalid", "true")

    # Somebody else is quicker: nothing of theirs is overwritten.
    assert visit.site.nav("flow", "schedule", "change", number, "--cron", "@hourly").code == 0
    form.get_by_label("When", exact=True).fill("0 6 * * *")
    form.get_by_role("button", name="Change the schedule").click()
    expect(form.get_by_role("alert")).to_contain_text("Somebody changed it since you opened it.")
    expect(form.get_by_test_id("clash").get_by_role("row").filter(has_text="when")).to_have_text("when@hourly0 6 * * *")
    expect(form.get_by_label("When", exact=True)).to_have_value("0 6 * * *")  # nothing typed is lost
    assert visit.site.ask("flow", "schedule", "show", number)["schedule"]["cron"] == "@hourly"
    form.get_by_role("button", name="Leave it as it is").click()

    page.get_by_role("button", name="Change…").click()
    expect(form.get_by_label("When", exact=True)).to_have_value("@hourly")
    form.get_by_label("When", exact=True).fill("0 6 * * *")
    form.get_by_label("rows").fill("7")
    form.get_by_role("button", name="Change the schedule").click()
    expect(form).to_have_count(0)
    expect(page.get_by_text("at 06:00", exact=False).first).to_be_visible()
    told = visit.site.ask("flow", "schedule", "show", number)["schedule"]
    assert (told["cron"], told["time_zone"], told["parameters"]) == ("0 6 * * *", "Europe/Berlin", {"rows": "7"})
    visit.complaints.clear()  # the 400 and the 412
