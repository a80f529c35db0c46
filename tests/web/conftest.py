# SPDX-License-Identifier: Apache-2.0
"""A browser before the pages of a whole installation with simulated GPUs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from visit import REPOSITORY, Installation, Restartable, Visit


# Nothing outside this machine is asked for.
QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]

expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = os.environ.get("NAV_CHROMIUM") or shutil.which("chromium")
    assert program, "there is no chromium: tools/setup.sh test installs it"
    with sync_playwright() as playwright:
        arguments = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Two simulated machines for the whole session; tests use names of their own."""
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
