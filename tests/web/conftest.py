# SPDX-License-Identifier: Apache-2.0
"""A browser before the pages of a whole installation with simulated GPUs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserType, Page, expect, sync_playwright

from visit import REPOSITORY, Installation, Restartable, Visit, within


# Nothing outside this machine is asked for.
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

expect.set_options(timeout=15_000)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A script in a page that never ends costs one test, and says where."""
    with within(400, f"the end of {item.name}"):
        return (yield)


class Chromium:
    """The browser of a session. It is closed with whatever a test left open in it, and started anew for the next."""

    def __init__(self, starter: BrowserType, program: str) -> None:
        self.starter = starter
        self.program = program
        self.running: Browser | None = None

    def browser(self) -> Browser:
        if self.running is None:
            arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
            self.running = self.starter.launch(executable_path=self.program, args=arguments)
        return self.running

    def close(self) -> None:
        browser, self.running = self.running, None
        if browser:
            with within(60, "the browser ends"):
                browser.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    program = os.environ.get("NAV_CHROMIUM") or shutil.which("chromium")
    assert program, "there is no chromium: tools/setup.sh test installs it"
    with sync_playwright() as playwright:
        chromium = Chromium(playwright.chromium, program)
        yield chromium
        chromium.close()


@pytest.fixture
def browser(chromium: Chromium) -> Iterator[Browser]:
    browser = chromium.browser()
    yield browser
    if browser.contexts or not browser.is_connected():  # of a test that failed, or one that the browser never closed
        chromium.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Two simulated machines for the tests of a file, which use names of their own."""
    assert (REPOSITORY / "web" / "dist" / "index.html").exists(), "the pages are not built: tools/web.sh"
    site = Installation(tmp_path_factory.mktemp("web"), "--simulate", "dgx-a100:2", "--no-agent")
    site.start()
    yield site
    site.stop()


@pytest.fixture
def site_of_its_own(tmp_path: Path) -> Iterator[Restartable]:
    site = Restartable(tmp_path, "--simulate", "dgx-a100", "--no-agent")
    site.start()
    yield site
    site.stop()


@pytest.fixture
def visit(browser: Browser, site: Installation) -> Iterator[Visit]:
    visit = Visit(browser, site)
    yield visit
    visit.close()


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit.sign_in()
