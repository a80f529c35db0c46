# SPDX-License-Identifier: Apache-2.0
"""Dashboards: what is measured is seen, what is not is not zero, and an export is what the command line says."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from test_looks import keep
from visit import Installation, Visit, wait_until

BUSY = "while :; do timeout 0.05 sh -c 'while :; do :; done'; sleep 0.2; done"


def minute(shift: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + shift))


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A machine on which two teams have been and one still is."""
    site = Installation(tmp_path_factory.mktemp("used"), "--simulate", "dgx-a100", "--no-agent")
    site.start()
    for team in ("alpha", "beta"):
        assert site.nav("team", "add", team).code == 0
        assert site.nav("project", "add", f"{team}-lab", "--team", team).code == 0
        assert site.nav("project", "members", f"{team}-lab", "--add", "admin").code == 0
        job = site.submit("--on", "mig-3g.20gb", "--project", f"{team}-lab", "--", "sleep", "2")
        site.wait_for_state(job, "succeeded")
    yield site
    site.stop()


@pytest.fixture
def visitor(browser: Browser, used: Installation) -> Iterator[Visit]:
    visit = Visit(browser, used)
    visit.sign_in()
    yield visit
    visit.close()


def test_an_export_is_byte_for_byte_what_the_command_line_writes(visitor: Visit) -> None:
    since, until = minute(-3600), minute(3600)
    command = ["report", "usage", "--by", "team", "--from", since, "--to", until, "--csv"]

    def counted() -> str:
        first, again = (visitor.site.nav(*command).out for _ in range(2))
        return first if first == again and "alpha" in first and "beta" in first else ""

    wait_until("both teams are counted, and nothing more is", counted, 60)
    page = visitor.page
    page.goto(f"/reports?report=usage&by=team&since={since}&until={until}")
    expect(page.get_by_role("row").filter(has_text="alpha")).to_be_visible()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export CSV").click()
    exported = downloading.value.path().read_bytes().decode()
    assert downloading.value.suggested_filename == "usage-by-team.csv"
    assert exported.replace("\r\n", "\n") == visitor.site.nav(*command).out.replace("\r\n", "\n")


def test_the_overview_shows_who_held_what_and_what_is_unknown_is_no_zero(visitor: Visit) -> None:
    page = visitor.page
    page.goto(f"/reports?since={minute(-3600)}&until={minute(3600)}")
    expect(page.get_by_role("region", name="In use")).to_contain_text("of 64 slices", timeout=150_000)  # a whole minute has been counted
    expect(page.get_by_role("region", name="Cost")).to_contain_text("not priced")
    expect(page.get_by_role("region", name="Active")).to_contain_text("?")
    expect(page.get_by_role("img", name=re.compile("^Use of the pool by team:"))).to_be_visible()
    expect(page.get_by_role("region", name="Who used what").get_by_role("row").filter(has_text="beta")).to_be_visible()
    expect(page.get_by_role("region", name="Waiting").get_by_role("row")).to_contain_text("mig-3g.20gb")
    page.get_by_role("button", name="Project", exact=True).click()
    expect(page).to_have_url(re.compile("by=project"))
    expect(page.get_by_role("region", name="Who used what").get_by_role("row").filter(has_text="beta-lab")).to_be_visible()
    page.get_by_role("button", name="7 d", exact=True).click()
    expect(page).to_have_url(re.compile("range=7d"))
    page.go_back()
    expect(page).to_have_url(re.compile("since="))


def test_a_jobs_page_charts_its_slice_and_the_heat_map_has_it(visitor: Visit) -> None:
    job = visitor.site.submit("--on", "mig-2g.10gb", "--project", "alpha-lab", "--name", "measured", "--", "sh", "-c", BUSY)
    visitor.site.wait_for_state(job, "running")
    page = visitor.page
    page.goto(f"/jobs/{job}")
    charts = page.get_by_test_id("slice-charts")
    chart = charts.get_by_role("img", name=re.compile(r"^Activity of its slice: 2g\.10gb@\d \d+ %"))
    expect(chart).to_be_visible(timeout=90_000)
    path = chart.locator("path[stroke='var(--acc)']").first
    before = path.get_attribute("d")
    expect(path).not_to_have_attribute("d", before or "", timeout=90_000)  # it moves on
    node = visitor.site.ask("job", str(job))["job"]["node"]
    page.goto(f"/reports?since={minute(-3600)}&until={minute(3600)}&node={node}")
    expect(page.get_by_test_id("heat")).to_have_attribute("data-painted", re.compile(r"^[1-9]"), timeout=60_000)
    page.get_by_role("region", name="Every slice of a node over time").get_by_role("button", name="Table").click()
    expect(page.get_by_role("row").filter(has_text="2g.10gb@").first).to_contain_text("%")
    visitor.site.nav("cancel", str(job))


def test_advice_says_who_holds_more_than_they_use_and_leads_to_the_same_job_on_less(visitor: Visit) -> None:
    site, page = visitor.site, visitor.page
    others = [site.submit("--on", "mig-3g.20gb", "--project", "alpha-lab", "--name", "thrifty", "--", "sh", "-c", BUSY)]
    others.append(site.submit("--on", "a100", "--project", "alpha-lab", "--name", "notebook", "--", "sleep", "3000"))
    idler = site.submit("--on", "mig-3g.20gb", "--project", "beta-lab", "--name", "idler", "--", "sleep", "3000")
    site.wait_for_state(idler, "running")
    page.goto("/reports?report=advice&age=24h")
    expect(page.get_by_role("heading", name="There is nothing to advise on yet")).to_be_visible()
    expect(page.get_by_text("No job on a GPU has run for 1 d yet.")).to_be_visible()

    found = wait_until("the idler is advised on", lambda: [one for one in site.ask("advice", "--age", "10s")["items"] if one["job"] == idler], 120)[0]
    page.goto("/reports?report=advice&age=10s")
    expect(page.get_by_test_id("advice-answer")).to_contain_text(re.compile(r"\d+ memory slices could be free"))
    row = page.get_by_role("region", name="Advice").get_by_role("row").filter(has=page.get_by_role("link", name="idler", exact=True))
    expect(row).to_contain_text("3g.20gb")
    expect(row).to_contain_text("it does nothing there")
    expect(row).to_contain_text("of 19.5 GiB")
    expect(row.get_by_role("cell").nth(7)).to_have_text(f"{found['saves_slices']} 100 %")
    expect(page.get_by_test_id("as-code")).to_have_text("nav advice --age 10s")
    keep(page, "advice-light")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export CSV").click()
    exported = downloading.value.path().read_text().splitlines()
    assert any(line.startswith(f"{idler},idler,beta-lab,admin,mig-3g.20gb,") for line in exported), exported

    row.get_by_role("link", name="Run idler on mig-1g.5gb").click()
    expect(page.get_by_label("Command")).to_have_value("sleep 3000")
    expect(page.get_by_test_id("as-code")).to_contain_text("nav run --on mig-1g.5gb")
    page.go_back()
    row.get_by_role("link", name="idler", exact=True).click()
    expect(page).to_have_url(re.compile(f"/jobs/{idler}$"))

    page.goto("/reports?range=1h&age=10s")
    card = page.get_by_role("region", name="A smaller slice would do")
    expect(card.get_by_role("row").filter(has_text="idler")).to_contain_text("does nothing")
    card.get_by_role("link", name="Evidence").click()
    expect(page).to_have_url(re.compile(r"range=1h.*report=advice|report=advice.*range=1h"))
    for job in (idler, *others):
        site.nav("cancel", str(job))
