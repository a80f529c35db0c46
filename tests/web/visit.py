# SPDX-License-Identifier: Apache-2.0
"""A person at a browser, before an installation."""

from __future__ import annotations

import math
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, expect

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from installation import REPOSITORY, Installation, nav_program, wait_until  # noqa: E402, F401


def url_of(site: Installation) -> str:
    return (site.data / "run" / "url").read_text().strip()


def token_of(site: Installation) -> str:
    return (site.data / "admin-token").read_text().strip()


class Overdue(Exception):
    """The browser did not answer."""


@contextmanager
def within(seconds: int, what: str) -> Iterator[None]:
    """Ends what Playwright itself would wait for without an end: opening and closing, which take no timeout, and scripts in the page."""

    def ring(*_: Any) -> None:
        raise Overdue(f"not within {seconds} s: {what}")

    began = time.monotonic()
    earlier = signal.signal(signal.SIGALRM, ring)
    left = signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, earlier)
        if left:  # one within another
            signal.alarm(max(1, math.ceil(left - (time.monotonic() - began))))


class Visit:
    """A person at a browser. What the page complains of is kept: a test that ends with complaints fails."""

    def __init__(self, browser: Browser, site: Installation, width: int = 1440, height: int = 900, theme: str = "light") -> None:
        self.site = site
        self.url = url_of(site)
        with within(60, "the browser opens a context"):
            self.context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=theme, locale="en-GB", timezone_id="UTC", base_url=self.url
            )
            self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.complaints: list[str] = []
        self.page = self.open()

    def open(self) -> Page:
        with within(60, "the browser opens a page"):
            page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", self.hear)
        return page

    def hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(f"console: {said.text} ({said.location.get('url', '')})")

    def sign_in(self, token: str = "") -> Page:
        self.page.goto(f"/sign-in#{token or token_of(self.site)}")
        self.page.wait_for_url("**/pool*")
        expect(self.page.get_by_test_id("live")).to_have_text("live")
        return self.page

    def close(self, but: str = "") -> None:
        """No page may be on its way to another document: Chromium forgets a close that meets one, and never answers.

        `but`: complaints that were to come and may still be on their way, a regular expression.
        """
        with within(60, "the browser closes what the test had opened"):
            self.context.close()
        left = [one for one in self.complaints if not but or not re.search(but, one)]
        assert left == [], "\n".join(left)


class Restartable(Installation):
    def restart_at(self, port: str) -> None:
        """Up again on the same data, where the browser looks for it."""
        self.listen = f"127.0.0.1:{port}"
        self.start()
