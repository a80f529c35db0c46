# SPDX-License-Identifier: Apache-2.0
"""Signing in, one stream a browser, and a controller that goes away and comes back."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

from playwright.sync_api import Browser, Page, expect

from visit import Restartable, Visit, token_of, url_of


def test_a_token_signs_in_and_is_kept_nowhere_a_script_can_read(visit: Visit) -> None:
    page = visit.page
    page.goto("/jobs?state=queued")
    expect(page).to_have_url(re.compile(r"/sign-in\?then="))
    visit.complaints.clear()  # the 401 that sent us here
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("nav token create")
    page.get_by_label("Token").fill("nav_wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("opens nothing here")
    visit.complaints.clear()
    page.get_by_label("Token").fill(token_of(visit.site))
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/jobs.state=queued"))
    assert page.evaluate("document.cookie") == ""
    assert "nav_" not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    cookie = next(one for one in visit.context.cookies() if one["name"].startswith("nav_session_"))
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"


def test_the_link_of_nav_up_signs_in_and_leaves_the_address_bar(visit: Visit) -> None:
    link = re.search(r"http\S+/sign-in#\S+", visit.site.log.read_text())
    assert link, visit.site.log.read_text()
    visit.page.goto(link.group(0))
    visit.page.wait_for_url("**/pool*")
    assert "#" not in visit.page.url
    expect(visit.page.get_by_role("heading", name="Pool")).to_be_visible()


def test_signing_out_ends_the_session_on_the_server(page: Page, visit: Visit) -> None:
    cookie = next(one for one in visit.context.cookies() if one["name"].startswith("nav_session_"))
    page.get_by_role("button", name="AD: admin, your menu").click()
    with page.expect_event("load"):  # signed out, it loads itself anew and forgets all it knew
        page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Token")).to_be_visible()
    request = urllib.request.Request(url_of(visit.site) + "/v1/whoami", headers={"Cookie": f"{cookie['name']}={cookie['value']}"})
    try:
        urllib.request.urlopen(request, timeout=60)
        raise AssertionError("the cookie still opens the API")
    except urllib.error.HTTPError as refused:
        assert refused.code == 401
    visit.complaints.clear()  # the 401 after signing out


def test_pages_load_nothing_that_their_policy_forbids(page: Page, visit: Visit) -> None:
    for path in ("/pool", "/run", "/jobs", "/admin/nodes", "/admin/templates"):
        page.goto(path)
        expect(page.locator("h1").first).to_be_visible()
    answer = page.request.get("/pool", headers={"Accept": "text/html"})
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_tabs_of_a_browser_share_one_event_stream(page: Page, visit: Visit) -> None:
    asked: list[str] = []
    visit.context.on("request", lambda request: asked.append(request.url) if "/v1/events" in request.url else None)
    other = visit.open()
    other.goto("/jobs?name=shared")
    expect(other.get_by_test_id("live")).to_have_text("live")
    visit.site.submit("--on", "cpu", "--name", "shared-stream", "--", "true")
    expect(other.get_by_role("link", name="shared-stream")).to_be_visible()
    assert asked == []
    page.close()  # the tab that follows goes, another takes over
    with other.expect_request("**/v1/events*"):
        pass
    visit.site.submit("--on", "cpu", "--name", "shared-after", "--", "true")
    expect(other.get_by_role("link", name="shared-after")).to_be_visible()


def test_a_controller_that_goes_away_is_said_and_healed_without_a_reload(browser: Browser, site_of_its_own: Restartable) -> None:
    visit = Visit(browser, site_of_its_own)
    page = visit.sign_in()
    page.goto("/jobs")
    page.evaluate("window.stillTheSamePage = true")
    port = url_of(site_of_its_own).rsplit(":", 1)[1]
    site_of_its_own.stop()
    expect(page.get_by_test_id("live")).to_contain_text("not live since")
    visit.complaints.clear()
    site_of_its_own.restart_at(port)
    expect(page.get_by_test_id("live")).to_have_text("live", timeout=30_000)
    site_of_its_own.submit("--on", "mig-1g.5gb", "--name", "after-the-restart", "--", "true")
    expect(page.get_by_role("link", name="after-the-restart")).to_be_visible()
    assert page.evaluate("window.stillTheSamePage")
    visit.complaints.clear()  # refused connections meanwhile
    visit.close()
