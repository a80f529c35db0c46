# SPDX-License-Identifier: Apache-2.0
"""The pool as it is drawn: every GPU by its memory slices, whose each is and why."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from visit import Visit


def test_every_memory_slice_of_every_gpu_is_drawn_once(page: Page, visit: Visit) -> None:
    nodes = visit.site.ask("pool")["nodes"]
    expected = {f"{node['name']}/{gpu['index']}": gpu["memory_slices"] for node in nodes for gpu in node["gpus"]}
    expect(page.locator("[data-mark]").first).to_be_visible()
    drawn = page.eval_on_selector_all(
        "[data-mark]",
        "marks => marks.map(mark => [mark.dataset.mark.split('/').slice(0, 2).join('/'), Number(mark.style.gridColumn.split('span ')[1])])",
    )
    widths: dict[str, int] = {}
    for gpu, span in drawn:
        widths[gpu] = widths.get(gpu, 0) + span
    assert widths == expected
    expect(page.get_by_text("simulated").first).to_be_visible()


def test_a_job_appears_as_a_vessel_and_its_panel_says_who_and_why(page: Page, visit: Visit) -> None:
    job = visit.site.submit("--on", "mig-2g.10gb", "--name", "vessel", "--", "sleep", "600")
    vessel = page.get_by_role("button", name=re.compile(r"2g\.10gb at \d, GPU \d of dgx-a100-\d, default, vessel, not measured"))
    expect(vessel).to_be_visible()
    expect(vessel).to_contain_text("vessel · ?")  # what is not measured is not zero
    vessel.click()
    panel = page.get_by_test_id("side")
    expect(panel).to_contain_text("admin, default")
    expect(panel).to_contain_text("not measured")
    expect(panel).to_contain_text(re.compile(r"[Ii]t runs on dgx"))
    assert "sel=" in page.url
    page.reload()
    expect(page.get_by_test_id("side")).to_contain_text("admin, default")
    panel.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_role("button", name=re.compile("vessel, not measured"))).to_have_count(0)
    visit.site.wait_for_state(job, "cancelled")


def test_arrows_walk_the_slices(page: Page) -> None:
    marks = page.locator("[data-mark]")
    expect(marks.first).to_be_visible()
    marks.first.focus()
    before = page.evaluate("document.activeElement.dataset.mark")
    page.keyboard.press("ArrowRight")
    beside = page.evaluate("document.activeElement.dataset.mark")
    page.keyboard.press("ArrowDown")
    below = page.evaluate("document.activeElement.dataset.mark")
    assert len({before, beside, below}) == 3
    assert beside.split("/")[1] == "0" and below.split("/")[1] == "1"


def test_a_node_is_drained_with_its_reason_and_resumed(page: Page, visit: Visit) -> None:
    page.get_by_role("button", name="dgx-a100-2", exact=True).click()
    panel = page.get_by_test_id("side")
    panel.get_by_role("button", name="Drain…").click()
    page.get_by_role("dialog").get_by_label("Why").fill("new memory on Friday")
    page.get_by_role("dialog").get_by_role("button", name="Drain", exact=True).click()
    expect(panel).to_contain_text("new memory on Friday")
    expect(page.get_by_text("draining →").first).to_be_visible()
    assert visit.site.ask("node", "show", "dgx-a100-2")["draining"]
    panel.get_by_role("button", name="Resume").click()
    expect(panel.get_by_role("button", name="Drain…")).to_be_visible()
    assert not visit.site.ask("node", "show", "dgx-a100-2")["draining"]


def test_what_was_set_aside_says_why_and_is_taken_back(page: Page, visit: Visit) -> None:
    job = visit.site.submit("--on", "mig-3g.20gb", "--name", "victim", "--", "sleep", "600")
    found = visit.site.wait_for_state(job, "running")["job"]
    gpu, placement = found["place"].split(" ")
    said = visit.site.nav("sim", "fault", found["node"], "--xid", "94", "--gpu", gpu[3:], "--slice", placement)
    assert said.code == 0, said.err
    vessel = page.get_by_role("button", name=re.compile(rf"{placement.replace('@', ' at ')}, GPU .* of {found['node']}, set aside, XID 94"))
    expect(vessel).to_be_visible()
    vessel.click()
    panel = page.get_by_test_id("side")
    expect(panel).to_contain_text("XID 94")
    expect(panel).to_contain_text("victim")  # who was here
    panel.get_by_role("button", name="Take back").click()
    expect(vessel).to_have_count(0)


def test_a_person_sets_aside_and_takes_back(page: Page, visit: Visit) -> None:
    job = visit.site.submit("--on", "mig-3g.20gb", "--name", "goes-on", "--", "sleep", "600")
    found = visit.site.wait_for_state(job, "running")["job"]
    gpu, placement = found["place"].split(" ")
    page.get_by_role("button", name=re.compile(rf"{placement.replace('@', ' at ')}, GPU {gpu[3:]} of {found['node']}")).click()
    panel = page.get_by_test_id("side")
    panel.get_by_role("button", name="Set aside…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Set aside", exact=True)).to_be_disabled()
    dialog.get_by_label("Why").fill("its fan is loud")
    dialog.get_by_role("button", name="Set aside", exact=True).click()
    expect(panel).to_contain_text("by hand: its fan is loud")
    expect(panel).to_contain_text("goes-on")  # who runs on there
    visit.site.nav("cancel", str(job))
    panel.get_by_role("button", name="Take back").click()
    expect(panel.get_by_role("button", name="Set aside…")).to_be_visible()
    assert visit.site.wait_for_state(job, "cancelled")


def test_the_same_pool_is_a_fleet_and_a_list(page: Page, visit: Visit) -> None:
    job = visit.site.submit("--on", "mig-1g.5gb", "--name", "listed", "--", "sleep", "600")
    page.get_by_role("button", name="List", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="listed")).to_contain_text("1g.5gb@")
    page.get_by_role("button", name="Fleet", exact=True).click()
    expect(page.get_by_test_id("fleet")).to_have_attribute("data-painted", re.compile(r"\d"))
    page.go_back()
    expect(page.get_by_role("row").filter(has_text="listed")).to_be_visible()
    visit.site.nav("cancel", str(job))
