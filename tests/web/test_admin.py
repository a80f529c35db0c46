# SPDX-License-Identifier: Apache-2.0
"""What an administrator does, and what others may not."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from visit import Visit


def test_a_person_is_made_gets_a_token_and_sees_only_what_is_theirs(browser: Browser, page: Page, visit: Visit) -> None:
    page.goto("/admin/people")
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_role("button", name="Make the user").click()
    expect(page.get_by_role("alert")).to_be_visible()  # the rule of names, at its field
    visit.complaints.clear()
    page.get_by_label("Name").fill("ada")
    page.get_by_role("button", name="Make the user").click()
    expect(page.get_by_role("cell", name="ada", exact=True)).to_be_visible()
    page.goto("/admin/teams")
    page.get_by_role("region", name="New team or project").get_by_label("Name").first.fill("research")
    page.get_by_role("button", name="Make the team").click()
    expect(page.get_by_role("cell", name="research")).to_be_visible()
    page.get_by_role("region", name="New team or project").get_by_label("Name").nth(1).fill("vision")
    page.get_by_label("Team", exact=True).select_option("research")
    page.get_by_role("button", name="Make the project").click()
    page.get_by_label("Add a person to vision").fill("ada")
    page.get_by_label("Add a person to vision").press("Enter")
    expect(page.get_by_role("button", name="Take ada out of vision")).to_be_visible()
    page.goto("/admin/tokens")
    page.get_by_label("What for").fill("laptop")
    page.get_by_label("Whose").fill("ada")
    page.get_by_role("button", name="Make the token").click()
    secret = page.get_by_test_id("secret").inner_text()
    assert secret.startswith("nav_")

    hidden = visit.site.submit("--on", "cpu", "--name", "not-adas", "--", "true")
    ada = Visit(browser, visit.site)
    hers = ada.sign_in(secret)
    hers.goto("/jobs?name=not-adas")
    expect(hers.get_by_text("No job is like that")).to_be_visible()
    hers.goto(f"/jobs/{hidden}")
    expect(hers.get_by_text("It is not there")).to_be_visible()
    hers.goto("/admin/audit")
    expect(hers.get_by_text("This is not open to you")).to_be_visible()
    hers.goto("/admin/nodes")
    drain = hers.get_by_role("button", name="Drain…").first
    expect(drain).to_be_disabled()
    expect(drain).to_have_attribute("title", "An operator or admin can do this")
    ada.complaints.clear()  # 403 and 404 were asked for

    page.goto("/admin/people")
    page.get_by_role("row", name=re.compile("^ada")).get_by_role("button", name="Disable").click()
    expect(hers.get_by_label("Token")).to_be_visible(timeout=20_000)  # out within seconds, without a click
    ada.close(but="Failed to load resource")  # each answer that still comes is a 401


def test_the_command_to_join_is_shown_once_and_opens_the_pool(page: Page, visit: Visit) -> None:
    page.goto("/admin/nodes")
    page.get_by_role("button", name="Show the command").click()
    command = page.get_by_test_id("join-command").inner_text()
    assert re.search(r"^echo nav_\S+ > join-token\nnav agent --join 'https://\S+#sha256:[0-9a-f]{64}' --token-file join-token$", command), command
    page.get_by_role("button", name="Copy").click()
    assert page.evaluate("navigator.clipboard.readText()") == command


def test_templates_show_each_legal_place_on_the_gpu(page: Page, visit: Visit) -> None:
    page.goto("/admin/templates")
    page.get_by_role("button", name=re.compile(r"mig-3g\.20gb")).click()
    expect(page.get_by_text("4 of 8 memory slices and 3 compute slices, in one of 2 places")).to_be_visible()
    expect(page.get_by_text("3g.20gb@0")).to_be_visible()
    expect(page.get_by_text("3g.20gb@4")).to_be_visible()


def test_what_was_done_is_in_the_audit(page: Page, visit: Visit) -> None:
    visit.site.nav("team", "add", "audited")
    page.goto("/admin/audit")
    expect(page.get_by_role("row").filter(has_text="audited").first).to_contain_text("admin")


def test_a_template_is_made_from_what_the_hardware_can_give_and_used(page: Page, visit: Visit) -> None:
    page.goto("/admin/templates")
    page.get_by_role("button", name="New template").click()
    form = page.get_by_role("region", name="New template")
    form.get_by_role("button", name="Offer it").click()
    expect(form.get_by_role("alert")).to_have_count(2)  # its name, its profile
    form.get_by_label("Name").fill("notebook-10gb")
    form.get_by_role("button", name=re.compile("1g.10gb")).click()
    form.get_by_label("Price an hour").fill("0.25")
    form.get_by_label("Longest run").fill("12 h")
    form.get_by_role("button", name="Offer it").click()
    expect(page.get_by_role("heading", name="notebook-10gb")).to_be_visible()
    made = next(one for one in visit.site.ask("templates")["items"] if one["name"] == "notebook-10gb")
    assert (made["profile"], made["price_micro"], made["longest"]) == ("1g.10gb", 250_000, 43_200_000_000)
    page.get_by_role("link", name="Run on it").click()
    page.get_by_label("Command").fill("echo from my template")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/jobs/*")
    expect(page.get_by_test_id("log")).to_contain_text("from my template")


def test_of_two_who_change_one_template_the_second_is_told(browser: Browser, page: Page, visit: Visit) -> None:
    assert visit.site.nav("template", "create", "contested", "--profile", "2g.10gb", "--price", "0.10").code == 0
    other = Visit(browser, visit.site)
    theirs = other.sign_in()
    for one in (page, theirs):
        one.goto("/admin/templates")
        one.get_by_role("button", name=re.compile("contested")).click()
        with one.expect_response("**/v1/templates/contested"):
            one.get_by_role("button", name="Change…").click()
    theirs.get_by_label("Price an hour").fill("0.5")
    theirs.get_by_role("button", name="Save").click()
    expect(theirs.get_by_role("heading", name="contested")).to_be_visible()
    page.get_by_label("Price an hour").fill("0.75")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("price_micro: 750000 here, 500000 there")
    page.get_by_role("button", name="Save mine over it").click()
    expect(page.get_by_role("heading", name="contested")).to_be_visible()
    assert next(one for one in visit.site.ask("templates")["items"] if one["name"] == "contested")["price_micro"] == 750_000
    visit.complaints.clear()  # the 412 itself
    page.get_by_role("button", name="Retire…").click()
    page.get_by_role("button", name="Retire it").click()
    expect(page.get_by_role("button", name=re.compile("contested"))).to_have_count(0)
    other.close()
