# SPDX-License-Identifier: Apache-2.0
"""Notebooks and endpoints in the pages: started by the form, listed with how they are, opened, ended."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from test_looks import look_over
from visit import Visit

# A program in the place of Jupyter, which is large: what the browser gets is what it says.
SERVES = (
    'python3 -c "import http.server, os; '
    "H = type('H', (http.server.BaseHTTPRequestHandler,), {'log_message': lambda *a: None, 'do_GET': lambda s: (s.send_response(200), "
    "s.send_header('Content-Type', 'text/html'), s.end_headers(), "
    "s.wfile.write(b'<!doctype html><html lang=en><title>mine</title><link rel=icon href=data:,><h1>my workspace</h1>'))}); "
    "http.server.HTTPServer(('127.0.0.1', int(os.environ['NAV_PORT'])), H).serve_forever()\""
)


def test_a_workspace_is_started_by_the_form_opened_and_ended(page: Page, visit: Visit) -> None:
    page.goto("/services")
    expect(page.get_by_text("None is there now")).to_be_visible()
    page.get_by_role("link", name="Start a notebook").click()
    expect(page.get_by_role("button", name="Notebook", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_label("End when idle for")).to_have_value("2 h")
    expect(page.get_by_label("How many")).to_have_count(0)
    page.get_by_role("button", name=re.compile(r"^mig-1g\.5gb\b")).first.click()
    page.get_by_label("Command").fill(SERVES)
    page.get_by_label(re.compile("^Name")).fill("mine")
    page.get_by_label("End when idle for").fill("soon")
    page.get_by_role("button", name=re.compile("^Run Ctrl")).click()
    expect(page.get_by_label("End when idle for")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("End when idle for").fill("1s")
    page.get_by_role("button", name=re.compile("^Run Ctrl")).click()
    expect(page.get_by_role("alert").filter(has_text="10s")).to_be_visible()  # the server's bound, at its field
    page.get_by_label("End when idle for").fill("90 min")
    page.get_by_role("button", name=re.compile("^Run Ctrl")).click()
    page.wait_for_url(re.compile(r"/jobs/\d+$"))
    job = page.url.rsplit("/", 1)[-1]
    expect(page.get_by_test_id("service")).to_have_text("ready", timeout=60_000)

    page.goto("/services")
    row = page.get_by_test_id("services").locator("tbody tr").filter(has_text="mine")
    expect(row).to_contain_text("mig-1g.5gb")
    expect(row.get_by_test_id("service")).to_have_text("ready")
    look_over(page, "services")
    with visit.context.expect_page() as opened:
        row.get_by_role("button", name="Open", exact=True).click()
    expect(opened.value.get_by_role("heading", name="my workspace")).to_be_visible()
    opened.value.close()
    assert visit.site.ask("services")["items"][0]["job"]["id"] == int(job)
    row.get_by_role("button", name="End", exact=True).click()
    expect(page.get_by_text("None is there now")).to_be_visible(timeout=60_000)
    visit.site.wait_for_state(int(job), "cancelled")
    visit.complaints.clear()  # the 400


def test_a_notebook_without_a_command_is_jupyter_and_says_where_there_is_none(page: Page, visit: Visit) -> None:
    page.goto("/run?kind=workspace&on=cpu")
    expect(page.get_by_label("Command")).to_have_value("")
    page.get_by_role("button", name=re.compile("^Run Ctrl")).click()
    page.wait_for_url(re.compile(r"/jobs/\d+$"))
    job = int(page.url.rsplit("/", 1)[-1])
    asked = visit.site.ask("job", str(job))["request"]
    assert asked["service"]["kind"] == "workspace" and "jupyter" in asked["command"][-1]
    visit.site.nav("cancel", str(job))
