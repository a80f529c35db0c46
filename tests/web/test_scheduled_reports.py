# SPDX-License-Identifier: Apache-2.0
"""Reports that are made again and again, as an administrator says which and when, and fetches them."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from test_looks import look_over
from visit import Visit, wait_until


def test_one_is_made_by_the_form_and_its_file_is_what_lies_in_the_folder(page: Page, visit: Visit, tmp_path: Path) -> None:
    page.goto("/admin/reports")
    expect(page.get_by_text("No report is made by itself yet.")).to_be_visible()
    form = page.get_by_role("region", name="New schedule")
    form.get_by_label("Name", exact=True).fill("teams")
    form.get_by_label("team", exact=True).check()
    form.get_by_label("When", exact=True).fill("0 6 * * mon")
    expect(page.get_by_test_id("cron-words")).to_contain_text("Made at 06:00 on Monday")
    form.get_by_label("Time zone").fill("Europe/Berlin")
    form.get_by_label("Each is about").fill("24h")
    form.get_by_label("JSON").check()
    form.get_by_role("button", name="Make the schedule").click()
    side = page.get_by_role("region", name="teams", exact=True)
    expect(side.get_by_text("Nothing yet.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/admin/reports\?show=teams$"))
    told = visit.site.ask("report", "schedule", "show", "teams")["schedule"]
    assert (told["by"], told["span"], told["formats"], told["time_zone"]) == (["team"], 86_400_000_000, ["csv", "html", "json"], "Europe/Berlin")

    wait_until("a minute is counted", lambda: visit.site.nav("report", "schedule", "run", "teams").code == 0, 180)
    side.get_by_role("button", name="Make one now").click()
    files = page.get_by_test_id("report-files")
    row = files.locator("div").filter(has_text="csv").first
    expect(row).to_be_visible()
    with page.expect_download() as taken:
        row.get_by_role("link").click()
    kept = tmp_path / "kept.csv"
    taken.value.save_as(kept)
    name = taken.value.suggested_filename.removeprefix("teams-")
    assert kept.read_bytes() == (visit.site.data / "reports" / "teams" / name).read_bytes()
    look_over(page, "admin-reports")

    side.get_by_role("button", name="Pause").click()
    expect(side.get_by_text("None while it is paused.")).to_be_visible()
    side.get_by_role("button", name="Resume").click()
    expect(side.get_by_role("button", name="Pause")).to_be_visible()
    side.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("No report is made by itself yet.")).to_be_visible()
    assert (visit.site.data / "reports" / "teams" / name).exists()


def test_what_cannot_be_is_said_at_its_field(page: Page, visit: Visit) -> None:
    page.goto("/admin/reports")
    form = page.get_by_role("region", name="New schedule")
    press = form.get_by_role("button", name="Make the schedule")
    press.click()
    expect(form.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(form.get_by_label("When", exact=True)).to_have_attribute("aria-invalid", "true")
    form.get_by_label("Name", exact=True).fill("Not A Name")
    form.get_by_label("When", exact=True).fill("61 * * * *")
    press.click()
    expect(form.get_by_role("alert").first).to_be_visible()
    form.get_by_label("Name", exact=True).fill("bad")
    press.click()
    expect(form.get_by_role("alert")).to_have_text(re.compile("there is no minute 61"))
    form.get_by_label("When", exact=True).fill("@daily")
    form.get_by_label("Report", exact=True).select_option("idle")
    form.get_by_label("team", exact=True).check()
    press.click()
    expect(form.get_by_role("alert")).to_contain_text("cannot be grouped by team")
    form.get_by_label("team", exact=True).uncheck()
    form.get_by_label("Each is about").fill("1s")
    press.click()
    expect(form.get_by_label("Each is about")).to_have_attribute("aria-invalid", "true")
    assert visit.site.ask("report", "schedule", "list")["items"] == []
    visit.complaints.clear()  # the 400s themselves


def test_one_is_changed_by_whoever_saw_it_as_it_is(page: Page, visit: Visit) -> None:
    assert visit.site.nav("report", "schedule", "create", "daily", "usage", "--cron", "@daily").code == 0
    page.goto("/admin/reports?show=daily")
    page.get_by_role("button", name="Change…").click()
    dialog = page.get_by_role("dialog", name="Change daily")
    expect(dialog.get_by_label("When", exact=True)).to_have_value("@daily")
    expect(dialog.get_by_label("Name", exact=True)).to_be_disabled()
    assert visit.site.nav("report", "schedule", "change", "daily", "--keep", "9").code == 0
    dialog.get_by_label("Keep").fill("7")
    dialog.get_by_role("button", name="Change it").click()
    clash = dialog.get_by_test_id("clash")
    expect(clash.get_by_role("row").filter(has_text="keep")).to_contain_text("9")
    assert visit.site.ask("report", "schedule", "show", "daily")["schedule"]["keep"] == 9
    dialog.get_by_role("button", name="Change it").click()  # having seen theirs
    expect(dialog).to_have_count(0)
    assert visit.site.ask("report", "schedule", "show", "daily")["schedule"]["keep"] == 7
    page.goto("/admin/tokens")  # else the page may ask for what is deleted
    assert visit.site.nav("report", "schedule", "delete", "daily").code == 0
    visit.complaints.clear()  # the 412
