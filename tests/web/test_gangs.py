# SPDX-License-Identifier: Apache-2.0
"""Gangs: asked for, followed and cancelled as one, with every member to be seen."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from test_looks import look_over
from visit import Visit

RUN = re.compile("^Run ")


def gang_of(visit: Visit, name: str, members: int, on: str = "mig-1g.5gb", command: str = "sleep 600") -> int:
    gang = visit.site.submit("--name", name, "--members", str(members), "--on", on, "--", *command.split())
    for member in range(gang, gang + members):
        visit.site.wait_for_state(member, "running")
    return gang


def test_a_gang_is_asked_for_seen_before_it_runs_and_followed(page: Page, visit: Visit) -> None:
    page.goto("/run?on=mig-1g.5gb")
    page.get_by_label("Command").fill("echo rank $RANK of $WORLD_SIZE; sleep 600")
    page.get_by_label("Name").fill("quartet")
    page.get_by_label("Members").fill("4")
    answer = page.get_by_role("region", name="Before you press Run")
    expect(answer).to_contain_text(re.compile("All 4 members together, mig-1g.5gb: 4 members on "))
    expect(answer.locator(".v.mine")).to_have_count(4)
    note = page.get_by_test_id("gang-note")
    expect(note).to_contain_text("start together or not at all")
    expect(note).to_contain_text("NCCL does not support MIG")
    expect(page.get_by_test_id("as-code")).to_contain_text("--members 4")
    page.get_by_role("button", name="As Python").click()
    expect(page.get_by_test_id("as-code")).to_contain_text("members=4")
    look_over(page, "run-gang")
    page.get_by_role("button", name="Run the gang").click()
    page.wait_for_url("**/jobs/*")
    expect(page.locator(".toasts")).to_contain_text("NCCL does not support MIG")  # in the server's own words
    first = int(page.url.rsplit("/", 1)[1])
    members = page.get_by_test_id("members")
    expect(members.get_by_text("running", exact=True)).to_have_count(4)
    expect(members).to_contain_text("this one")
    members.get_by_role("link", name=f"job {first + 2}").click()
    expect(page).to_have_url(re.compile(rf"/jobs/{first + 2}$"))
    expect(page.get_by_role("link", name=f"gang {first}, rank 2 of 4")).to_be_visible()
    expect(page.get_by_test_id("log")).to_contain_text("rank 2 of 4")
    page.locator(".toasts").get_by_role("button", name="Close").first.click()
    look_over(page, "gang")
    page.get_by_role("button", name="Cancel the gang…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"jobs {first} to {first + 3}")
    dialog.get_by_role("button", name="Keep them").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Cancel the gang…").click()
    dialog.get_by_role("button", name="Cancel all 4").click()
    expect(members.get_by_text("cancelled", exact=True)).to_have_count(4)
    for member in range(first, first + 4):
        visit.site.wait_for_state(member, "cancelled")


def test_the_list_shows_it_as_one_and_its_members_when_asked(page: Page, visit: Visit) -> None:
    gang = gang_of(visit, "list-of-three", 3, on="cpu")
    page.goto("/jobs?name=list-of-three")
    rows = page.get_by_test_id("jobs").get_by_role("row")
    expect(rows).to_have_count(1)
    rows.get_by_role("link", name="3 members").click()
    expect(page).to_have_url(re.compile(rf"/jobs\?gang={gang}"))
    expect(rows).to_have_count(3)
    for rank in range(3):
        expect(page.get_by_role("link", name=f"gang {gang}, rank {rank} of 3")).to_be_visible()
    page.get_by_role("button", name=f"members of gang {gang} ×").click()
    expect(page).to_have_url(re.compile("/jobs$"))
    visit.site.nav("cancel", str(gang))


def test_every_member_has_its_vessel_in_the_pool_and_a_large_gang_is_not_cancelled_by_a_slip(page: Page, visit: Visit) -> None:
    gang = gang_of(visit, "twelve", 12)
    last = visit.site.ask("job", str(gang + 11))["job"]
    page.goto("/pool")
    place = last["place"].split()[1].replace("@", " at ")
    vessel = page.get_by_role("button", name=re.compile(rf"^{re.escape(place)}, GPU {last['place'][3:].split()[0]} of {last['node']}, .*twelve"))
    vessel.click()
    side = page.get_by_test_id("side")
    expect(side.get_by_role("link", name=f"gang {gang}, rank 11 of 12")).to_be_visible()
    side.get_by_role("button", name="Cancel the gang…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel all 12").click()
    expect(dialog.get_by_role("alert")).to_contain_text("12")
    assert visit.site.ask("job", str(gang))["job"]["state"] == "running"
    dialog.get_by_label("Type how many end").fill("12")
    dialog.get_by_role("button", name="Cancel all 12").click()
    visit.site.wait_for_state(gang + 11, "cancelled")


def test_one_larger_than_the_pool_is_refused_at_its_field_before_one_presses(page: Page, visit: Visit) -> None:
    page.goto("/run?on=a100-x8")
    page.get_by_label("Command").fill("true")
    page.get_by_label("Members").fill("1025")
    page.get_by_role("button", name=RUN).click()
    expect(page.get_by_label("Members")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_have_text("A whole number from 1 to 1024.")
    page.get_by_label("Members").fill("3")
    expect(page.get_by_role("alert")).to_contain_text("a gang of 3 members is larger than the pool: the pool gives a100-x8 2 times, on 2 nodes")
    expect(page.get_by_label("Members")).to_have_attribute("aria-invalid", "true")
    visit.complaints.clear()  # the 400 of the trial


def test_a_gang_that_waits_says_why_of_all_its_members(page: Page, visit: Visit) -> None:
    holder = visit.site.submit("--on", "a100-x8", "--name", "in-the-way", "--", "sleep", "600")
    visit.site.wait_for_state(holder, "running")
    gang = visit.site.submit("--name", "pair", "--members", "2", "--on", "a100-x8", "--", "true")
    page.goto(f"/jobs/{gang + 1}")
    expect(page.get_by_role("heading", name="Why does the gang wait?")).to_be_visible()
    expect(page.get_by_test_id("reason")).to_contain_text("2 members start together, and 1 of 2 places for a100-x8")
    expect(page.get_by_test_id("members").get_by_text("waits", exact=True)).to_have_count(2)
    visit.site.nav("cancel", str(holder))
    expect(page.get_by_test_id("members").get_by_text("done", exact=True)).to_have_count(2)
