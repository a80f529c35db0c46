# SPDX-License-Identifier: Apache-2.0
"""A list of a hundred thousand jobs: how soon it is there, found in, filtered and scrolled, and what it takes of the browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from visit import Installation, Visit

NAMES = ("ingest", "train", "evaluate", "export", "sweep")
EACH = 20_000
ALL = len(NAMES) * EACH

# Frames of the page while it is scrolled, by its own clock.
SCROLL = """async ({pixels, frames}) => {
  const list = document.querySelector('[data-testid=jobs]');
  const took = [];
  let before = performance.now();
  for (let n = 0; n < frames; ++n) {
    list.scrollTop += pixels;
    await new Promise(done => requestAnimationFrame(done));
    const now = performance.now();
    took.push(now - before);
    before = now;
  }
  took.sort((a, b) => a - b);
  return {median: took[frames >> 1], p95: took[Math.floor(frames * 0.95)], most: took[frames - 1], long: took.filter(one => one > 50).length};
}"""

# To the very end, reading all that is between; how long the page did nothing else at a time.
TO_THE_END = """async () => {
  const list = document.querySelector('[data-testid=jobs]');
  const tasks = [];
  const seen = new PerformanceObserver(list => list.getEntries().forEach(one => tasks.push(one.duration)));
  seen.observe({entryTypes: ['longtask']});
  const began = performance.now();
  while (document.querySelector('.head .sub').innerText.includes('read so far')) {
    list.scrollTop = list.scrollHeight;
    await new Promise(done => requestAnimationFrame(done));
  }
  seen.disconnect();
  return {ms: performance.now() - began, long: tasks.length, most: Math.max(0, ...tasks)};
}"""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A machine that takes no jobs, and a hundred thousand that wait for it."""
    site = Installation(tmp_path_factory.mktemp("many"), "--simulate", "dgx-a100", "--no-agent")
    site.start()
    assert site.nav("node", "drain", "dgx-a100-1").code == 0
    for name in NAMES:
        site.submit("--on", "cpu", "--name", name, "--count", str(EACH), "--", "true")
    yield site
    site.stop()


def timed(act: Callable[[], Any]) -> float:
    began = time.monotonic()
    act()
    return 1000 * (time.monotonic() - began)


def heap(page: Page) -> float:
    """MB that the page's objects take once what is not needed is gone."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def test_a_hundred_thousand_jobs_stay_fluid(browser: Browser, many: Installation) -> None:
    visit = Visit(browser, many)
    page = visit.sign_in()
    rows = page.get_by_test_id("jobs").get_by_role("row")
    first = lambda name: rows.filter(has=page.get_by_role("link", name=name, exact=True)).first.wait_for()  # noqa: E731

    page.goto("/pool")
    expect(page.locator("[data-mark]").first).to_be_visible()
    opened = timed(lambda: (page.get_by_role("navigation", name="Places").get_by_role("link", name="Jobs").click(), first("sweep")))
    loaded = timed(lambda: (page.goto("/jobs", wait_until="commit"), first("sweep")))
    small = heap(page)

    searched = timed(lambda: (page.get_by_label("Part of a name").fill("rai"), first("train")))
    expect(rows.filter(has_text="sweep")).to_have_count(0)
    page.get_by_role("button", name="Clear").click()
    first("sweep")
    none = page.get_by_role("heading", name="No job is like that")
    nobody = timed(lambda: (page.get_by_label("Part of a name").fill("no such job"), none.wait_for()))
    page.get_by_role("button", name="Clear", exact=True).click()
    first("sweep")
    filtered = timed(lambda: (page.get_by_role("button", name=re.compile("^running")).click(), none.wait_for()))
    page.get_by_role("button", name="Clear", exact=True).click()
    first("sweep")

    page.keyboard.press("Control+k")
    option = page.get_by_role("option").filter(has_text="evaluate").first
    found = timed(lambda: (page.get_by_role("combobox", name="Find or do").fill("evaluate"), option.wait_for()))
    page.keyboard.press("Escape")

    wheel = page.evaluate(SCROLL, {"pixels": 120, "frames": 240})
    dragged = page.evaluate(SCROLL, {"pixels": 3000, "frames": 240})
    end = page.evaluate(TO_THE_END)
    expect(page.locator(".head .sub")).to_contain_text("100\u2009000")
    expect(page.get_by_role("link", name=NAMES[0], exact=True).last).to_be_visible()
    assert rows.count() < 100, "only what is seen is in the page"
    back = page.evaluate(SCROLL, {"pixels": -120, "frames": 240})
    held = heap(page)
    page.get_by_test_id("jobs").evaluate("list => list.scrollTop = 0")
    expect(page.locator(".head .sub")).to_contain_text("200 read so far")  # what was read of the past is let go
    visit.close()

    frames = lambda took: f"{took['median']:.0f} ms, at the 95th of 100 {took['p95']:.0f}, at most {took['most']:.0f}"  # noqa: E731
    print(f"{ALL} jobs: the first row {opened:.0f} ms after a click, {loaded:.0f} ms after a load; found by a part of their name")
    print(f"  in {searched:.0f} ms (nothing: {nobody:.0f} ms), by state in {filtered:.0f} ms, with Ctrl K in {found:.0f} ms;")
    print(f"  a frame by the wheel: {frames(wheel)}; dragged: {frames(dragged)};")
    print(f"  read to the end in {end['ms']:.0f} ms, {end['long']} tasks over 50 ms, the longest {end['most']:.0f} ms;")
    print(f"  back up by the wheel: {frames(back)}; {small:.0f} MB of objects at first, {held:.0f} MB with all that was read")
    assert held < 150
