# SPDX-License-Identifier: Apache-2.0
"""Running a job in a click, following it, finding it again."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Browser, Page, expect

from visit import Restartable, Visit


def test_one_click_from_the_menu_to_a_finished_log(page: Page, visit: Visit) -> None:
    page.goto("/run")
    page.get_by_role("button", name=re.compile(r"mig-1g\.5gb 4\.75 GiB")).click()
    page.get_by_label("Command").fill('echo "slice $CUDA_VISIBLE_DEVICES"; seq 1 300')
    page.get_by_label("Name").fill("one-click")
    expect(page.get_by_test_id("before")).to_have_text("Starts now")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/jobs/*")
    expect(page.get_by_test_id("state")).to_have_text("done")
    expect(page.get_by_test_id("log")).to_contain_text("300")
    expect(page.get_by_text("complete")).to_be_visible()
    page.get_by_label("Search the log").fill("slice MIG-")
    expect(page.get_by_text("1 of 1")).to_be_visible()
    page.get_by_label("Search the log").press("Enter")
    expect(page.locator(".line.here")).to_contain_text("slice MIG-")
    expect(page.get_by_test_id("reason")).to_contain_text("xit code 0")
    number = int(page.url.rsplit("/", 1)[1])
    assert visit.site.ask("job", str(number))["job"]["name"] == "one-click"


def test_the_list_is_ordered_by_keys_and_by_drag(page: Page) -> None:
    page.goto("/run?on=cpu,mig-1g.5gb,mig-2g.10gb")
    rungs = page.get_by_test_id("rungs").get_by_role("listitem")
    names = lambda: [re.search(r"(mig-[\w.]+|cpu)", text).group(1) for text in rungs.all_inner_texts()[:3]]  # noqa: E731
    expect(rungs.nth(0)).to_contain_text("cpu")
    assert names() == ["cpu", "mig-1g.5gb", "mig-2g.10gb"]
    page.get_by_role("button", name=re.compile("Choice 1, cpu")).press("Alt+ArrowDown")
    expect(rungs.nth(0)).to_contain_text("mig-1g.5gb")
    assert names() == ["mig-1g.5gb", "cpu", "mig-2g.10gb"]
    rungs.nth(2).drag_to(rungs.nth(0))
    expect(rungs.nth(0)).to_contain_text("mig-2g.10gb")
    expect(page).to_have_url(re.compile(r"on=mig-2g\.10gb(,|%2C)mig-1g\.5gb"))


def test_the_form_says_what_is_wrong_beside_each_field_before_it_sends(page: Page, visit: Visit) -> None:
    page.goto("/run")
    before = visit.site.ask("jobs", "--limit", "1")["items"]
    page.get_by_label("Stop after").fill("soon")
    page.get_by_role("button", name=re.compile("^Run Ctrl")).click()
    alerts = page.get_by_role("alert")
    expect(alerts.filter(has_text="Pick at least one")).to_be_visible()
    expect(alerts.filter(has_text="What is to run?")).to_be_visible()
    expect(alerts.filter(has_text="90 min")).to_be_visible()
    assert visit.site.ask("jobs", "--limit", "1")["items"] == before


def test_a_refusal_of_the_server_lands_on_its_field_and_nothing_typed_is_lost(page: Page, visit: Visit) -> None:
    page.goto("/run?on=mig-1g.5bg")
    page.get_by_label("Command").fill("python train.py --epochs 20")
    page.get_by_role("button", name=re.compile("^Run Ctrl")).click()
    expect(page.get_by_role("alert").filter(has_text="did you mean mig-1g.5gb")).to_be_visible()
    expect(page.get_by_label("Command")).to_have_value("python train.py --epochs 20")
    visit.complaints.clear()  # the 400 itself


def test_the_code_shown_is_the_job_that_is_sent(page: Page, visit: Visit) -> None:
    page.goto("/run?on=cpu")
    page.get_by_label("Command").fill("sh -c 'echo it works'")
    page.get_by_label("Name").fill("as-code")
    page.get_by_label("Try again").fill("2")
    code = page.get_by_test_id("as-code")
    expect(code).to_contain_text("nav run --on cpu")
    command = code.inner_text().replace("\\\n", " ")
    page.get_by_role("button", name="As HTTP").click()
    body = json.loads(re.search(r"-d '(.*)'$", code.inner_text(), re.S).group(1).replace("'\\''", "'"))
    with page.expect_request("**/v1/jobs") as sent:
        page.keyboard.press("Control+Enter")
    assert sent.value.post_data_json == body
    page.wait_for_url("**/jobs/*")
    shown = visit.site.ask("job", page.url.rsplit("/", 1)[1])["request"]
    import shlex

    job = visit.site.submit(*shlex.split(command)[2:])
    assert visit.site.ask("job", str(job))["request"] == shown


def test_a_waiting_job_says_why_and_who_holds_what_it_waits_for(browser: Browser, site_of_its_own: Restartable) -> None:
    site = site_of_its_own  # its only node is held whole
    holder = site.submit("--on", "a100-x8", "--name", "holder", "--", "sleep", "600")
    site.wait_for_state(holder, "running")
    job = site.submit("--on", "mig-1g.5gb", "--name", "waiter", "--", "true")
    visit = Visit(browser, site)
    page = visit.sign_in()
    page.goto(f"/jobs/{job}")
    expect(page.get_by_test_id("state")).to_have_text("waits")
    expect(page.get_by_role("heading", name="Choice by choice")).to_be_visible()
    page.get_by_role("link", name="holder").click()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_test_id("state")).to_have_text("cancelled")
    page.goto(f"/jobs/{job}")
    expect(page.get_by_test_id("state")).to_have_text("done")
    visit.close()


def test_rerun_with_changes_begins_with_what_was_sent(page: Page, visit: Visit) -> None:
    job = visit.site.submit("--on", "cpu", "--name", "again", "--env", "SEED=7", "--time-limit", "90s", "--", "sh", "-c", "echo seed $SEED")
    visit.site.wait_for_state(job, "succeeded")
    page.goto(f"/jobs/{job}")
    page.get_by_role("link", name="Rerun with changes").click()
    expect(page.get_by_label("Command")).to_have_value("echo seed $SEED")
    expect(page.get_by_label("Name")).to_have_value("again")
    expect(page.get_by_test_id("as-code")).to_contain_text("--env SEED=7 --time-limit 90s")


def test_filters_stand_in_the_address_and_back_works(page: Page, visit: Visit) -> None:
    visit.site.submit("--on", "cpu", "--name", "find-good", "--", "true")
    bad = visit.site.submit("--on", "cpu", "--name", "find-bad", "--", "false")
    visit.site.wait_for_state(bad, "failed")
    page.goto("/jobs?name=find-")
    expect(page.get_by_role("link", name="find-good")).to_be_visible()
    page.get_by_role("button", name="failed", exact=True).click()
    expect(page.get_by_role("link", name="find-good")).to_have_count(0)
    expect(page).to_have_url(re.compile("state=failed"))
    page.get_by_role("link", name="find-bad").click()
    expect(page.get_by_test_id("reason")).to_contain_text("xit code 1")
    page.go_back()
    expect(page.get_by_role("link", name="find-bad")).to_be_visible()
    page.goto("/jobs?name=nothing-like-this")
    expect(page.get_by_text("No job is like that")).to_be_visible()
    page.get_by_role("button", name="Clear the filters").click()
    expect(page.get_by_role("link", name="find-good")).to_be_visible()


def test_a_long_log_is_followed_and_stays_fluid(page: Page, visit: Visit) -> None:
    job = visit.site.submit("--on", "cpu", "--name", "long-log", "--", "sh", "-c", "seq 1 200000; sleep 2; echo the end")
    page.goto(f"/jobs/{job}")
    expect(page.get_by_test_id("log")).to_contain_text("the end", timeout=30_000)
    expect(page.get_by_text(re.compile("200.001 lines"))).to_be_visible()
    assert page.locator(".line").count() < 200


def test_a_choice_has_a_longest_wait_and_a_highest_price(page: Page, visit: Visit) -> None:
    page.goto("/run?on=mig-1g.5gb,cpu")
    page.get_by_label("Command").fill("true")
    page.get_by_label("Longest wait for mig-1g.5gb").fill("soon")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="2 min")).to_be_visible()
    page.get_by_label("Longest wait for mig-1g.5gb").fill("2 min")
    page.get_by_label("Highest price an hour for mig-1g.5gb").fill("3.50")
    expect(page.get_by_test_id("as-code")).to_contain_text("--on mig-1g.5gb:wait=120s:price=3.50 --on cpu")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/jobs/*")
    expect(page.get_by_text(re.compile(r"wait at most 2 min, price at most 3\.50?"))).to_be_visible()
