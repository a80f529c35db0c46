# SPDX-License-Identifier: Apache-2.0
"""Sweeps that end what is not worth going on with and give more memory to what ran out of it: said in the editor, seen in the run."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from test_looks import look_over, serious
from visit import REPOSITORY, Installation, Visit

SLOW = 120_000  # four trials, one of them twice, on a machine that does other things too

PROGRAM = """
import json, os, pathlib, time
from opennav import experiment
score = int(os.environ["NAV_PARAM_score"])
if score == 4 and os.environ["NAV_PLACEMENT"].startswith("1g.5gb"):
    pathlib.Path(os.environ["NAV_TERMINATION_FILE"]).write_text("gpu_out_of_memory\\nCUDA out of memory\\n")
    raise SystemExit(1)
for step in (1, 2, 3):
    experiment.log(step=step, accuracy=score / 10)
while score < 3:  # until somebody says that it is not worth going on
    experiment.log(step=4, accuracy=score / 10)
    time.sleep(0.2)
pathlib.Path(os.environ["NAV_OUTPUTS"], "metrics.json").write_text(json.dumps({"accuracy": score / 10}))
"""

SWEEP = f"""name: early
components:
  train:
    kind: sweep
    on: [mig-1g.5gb]
    cpus: 0.5
    command:
      - python3
      - -c
      - |
{textwrap.indent(PROGRAM, "        ")}
    env: {{PYTHONPATH: "{REPOSITORY / "python"}"}}
    grid: {{score: [1, 2, 3, 4]}}
    metric: accuracy
    early_stopping: {{rule: median, after: 2, every: 100}}
"""


@pytest.fixture
def visitor(browser: Browser, site: Installation) -> Iterator[Visit]:
    visit = Visit(browser, site)
    visit.sign_in()
    yield visit
    visit.close()


def test_early_stopping_and_memory_are_said_in_the_form_and_in_yaml(visitor: Visit) -> None:
    page = visitor.page
    page.set_viewport_size({"width": 1800, "height": 1000})  # the form and the YAML beside each other
    page.goto("/flows/edit?example=true")
    check = page.get_by_test_id("check")
    expect(check).to_have_text("can run: 8 jobs")
    yaml = page.get_by_label("The flow as YAML")
    page.get_by_role("region", name="Step train").get_by_role("button", name="train", exact=True).click()
    form = page.get_by_role("complementary", name="Step train")
    expect(form.get_by_text("Every trial runs to its end.")).to_be_visible()

    form.get_by_role("button", name="ASHA").click()
    first = form.get_by_label("First compared at step")
    first.fill("soon")
    first.press("Enter")
    expect(form.get_by_role("alert")).to_have_text("A whole number, 1 or more.")
    first.fill("2")
    first.press("Enter")
    expect(form.get_by_role("alert")).to_have_count(0)
    expect(form.get_by_text("At steps 2, 6, 18 and so on")).to_be_visible()
    form.get_by_label("When memory runs out").select_option("fail")
    expect(yaml).to_have_value(re.compile(r"    early_stopping: \{rule: asha, after: 2\}\n    on_out_of_memory: fail\n"))
    expect(check).to_have_text("can run: 8 jobs")
    assert serious(page) == []

    yaml.fill(yaml.input_value().replace("{rule: asha, after: 2}", "{rule: median, every: 10, others: 5, goal: min}"))
    expect(form.get_by_label("Then every so many steps")).to_have_value("10")
    expect(form.get_by_label("Others needed")).to_have_value("5")
    expect(form.get_by_label("Better is")).to_have_value("min")
    yaml.fill(yaml.input_value().replace("every: 10", "every: 0"))
    expect(form.get_by_role("alert")).to_contain_text("1 or more steps")  # the server's own words, at the same field
    expect(form.get_by_label("Then every so many steps")).to_have_attribute("aria-invalid", "true")
    form.get_by_role("button", name="Never").click()
    expect(yaml).not_to_have_value(re.compile("early_stopping"))
    expect(check).to_have_text("can run: 8 jobs")
    visitor.complaints.clear()  # the 400 itself


def test_trials_that_were_stopped_early_and_one_that_climbed_say_so(visitor: Visit) -> None:
    page = visitor.page
    page.goto("/flows/edit?example=true")
    page.get_by_label("The flow as YAML").fill(SWEEP)
    expect(page.get_by_test_id("check")).to_have_text("can run: 4 jobs")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Run it").click()
    page.wait_for_url("**/flows/run/*")
    expect(page.get_by_test_id("run-state")).to_contain_text("done", timeout=SLOW)
    train = page.get_by_role("region", name="Step train")
    expect(train).to_contain_text("2 of 4 done, 2 stopped early")
    expect(train).to_contain_text("mig-1g.10gb 1 climbed to it: memory ran out")
    table = page.get_by_role("region", name="Trials of train")
    expect(table.get_by_text("stopped early", exact=True)).to_have_count(2)
    expect(table.get_by_text(re.compile(r"accuracy was 0\.[12] at best by step \d, and the median of"))).to_have_count(2)
    expect(table.get_by_role("row").filter(has_text="climbed")).to_contain_text("mig-1g.10gb")
    look_over(page, "flow-early-stopping")
