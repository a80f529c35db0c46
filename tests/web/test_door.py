# SPDX-License-Identifier: Apache-2.0
"""What a job serves on its port, opened from its page in a tab of its own."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from visit import Visit

SERVES = """
import http.server, os
class Hello(http.server.BaseHTTPRequestHandler):
    def log_message(self, *words): pass
    def do_GET(self):
        body = b"<!doctype html><html lang=en><title>mine</title><link rel=icon href=data:,><h1>served by a job</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
print("listens", flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["NAV_PORT"])), Hello).serve_forever()
"""


def test_what_a_job_serves_is_opened_from_its_page_in_another_tab(page: Page, visit: Visit) -> None:
    job = visit.site.submit("--on", "cpu", "--name", "serves", "--", "python3", "-c", SERVES)
    page.goto(f"/jobs/{job}")
    expect(page.get_by_test_id("log")).to_contain_text("listens")
    with visit.context.expect_page() as opened:
        page.get_by_role("button", name="Open", exact=True).click()
    tab = opened.value
    expect(tab.get_by_role("heading", name="served by a job")).to_be_visible()
    assert f"/jobs/{job}/" in tab.url and "door=" not in tab.url, "the link that let it in is not kept in the address"
    assert tab.evaluate("window.opener") is None
    tab.close()
    visit.site.nav("cancel", str(job))
    expect(page.get_by_test_id("state")).to_have_text("cancelled")
    expect(page.get_by_role("button", name="Open", exact=True)).to_have_count(0)
