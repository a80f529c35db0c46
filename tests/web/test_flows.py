# SPDX-License-Identifier: Apache-2.0
"""Flows: built in the editor, watched as they run, run again from a step on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from visit import Installation, Visit

SLOW = 120_000  # eight jobs on a machine that does other things too


@pytest.fixture
def visitor(browser: Browser, site: Installation) -> Iterator[Visit]:
    visit = Visit(browser, site)
    visit.sign_in()
    yield visit
    visit.close()


def start(page: Page) -> str:
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("button", name="Run it").click()
    page.wait_for_url("**/flows/run/*")
    return page.url.rsplit("/", 1)[1].split("?")[0]


def test_a_flow_is_built_by_drag_and_by_yaml_and_checked_as_one_goes(visitor: Visit) -> None:
    page = visitor.page
    page.goto("/flows/edit")
    canvas = page.get_by_role("region", name="Steps")
    page.get_by_role("button", name=re.compile("^Job")).drag_to(canvas)
    check = page.get_by_test_id("check")
    expect(check).to_have_text("cannot run yet")
    form = page.get_by_role("complementary", name="Step step")
    form.get_by_label("Add a choice").select_option("cpu")
    form.get_by_label("Command").fill("echo built by hand")
    form.get_by_label("Command").blur()
    expect(check).to_have_text("can run: 1 job")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("^Sweep")).drag_to(canvas)
    expect(page.get_by_role("region", name="Step train")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Connect step to another step").drag_to(page.get_by_role("region", name="Step train"))
    yaml = page.get_by_label("The flow as YAML")
    expect(yaml).to_have_value(re.compile(r"train:\n    kind: sweep\n    after: \[step\]|after: \[step\]"))
    text = yaml.input_value()
    sweep = "    kind: sweep\n    on: [mig-1g.5gb]\n    after: [step]\n    command: [echo, '{{rate}}']\n    grid: {rate: [0.1, 0.2, 0.3]}\n"
    yaml.fill(text.replace("name: new-flow", "name: by-hand").split("  train:")[0] + "  train:\n" + sweep)
    expect(check).to_have_text("can run: 4 jobs")
    expect(page.get_by_role("region", name="Step train")).to_contain_text("rate × 3 = 3 trials")
    yaml.fill(yaml.input_value() + "  nonsense: [")
    expect(page.get_by_role("alert").filter(has_text="Line")).to_be_visible()
    yaml.fill(yaml.input_value().replace("  nonsense: [", ""))
    expect(check).to_have_text("can run: 4 jobs")
    run = start(page)
    expect(page.get_by_test_id("run-state")).to_contain_text("done", timeout=SLOW)
    shown = visitor.site.ask("flow", "show", run)
    assert [len(one["trials"]) for one in shown["components"]] == [1, 3]
    visitor.complaints.clear()  # the 400 of a step without compute


def test_an_endpoint_serves_while_another_step_asks_it(visitor: Visit) -> None:
    page = visitor.page
    page.goto("/flows/edit")
    page.get_by_role("button", name=re.compile("^Endpoint")).click()
    form = page.get_by_role("complementary", name="Step serve")
    form.get_by_label("Add a choice").select_option("cpu")
    form.get_by_label("Command").fill("python3 -m http.server 1")
    form.get_by_label("Command").blur()
    expect(form.get_by_role("alert")).to_contain_text("the flow has services alone, and serve would be ended at once")
    expect(form.get_by_label(re.compile("^Outputs"))).to_have_count(0)
    form.get_by_label(re.compile("^Health")).fill("/")
    form.get_by_label("Command").fill("sh -c 'exec python3 -m http.server --bind 127.0.0.1 $NAV_PORT'")
    form.get_by_label("Command").blur()
    page.keyboard.press("Escape")
    page.get_by_role("region", name="Step serve").click()
    page.get_by_role("button", name=re.compile("^Job")).click()
    asks = page.get_by_role("complementary", name="Step step")
    asks.get_by_label("Add a choice").select_option("cpu")
    asks.get_by_label("Command").fill("sleep 5")
    asks.get_by_label("Command").blur()
    if not asks.get_by_label("serve").is_checked():
        asks.get_by_label("serve").check()
    expect(page.get_by_test_id("check")).to_have_text("can run: 2 jobs")
    expect(page.get_by_label("The flow as YAML")).to_have_value(re.compile("kind: endpoint"))
    start(page)
    serve = page.get_by_role("region", name="Step serve")
    expect(serve).to_have_attribute("data-state", "serving", timeout=SLOW)
    expect(serve).to_contain_text("endpoint")
    expect(page.get_by_test_id("run-state")).to_contain_text("done", timeout=SLOW)
    expect(serve).to_contain_text("the run is done with it")
    visitor.complaints.clear()  # the 400s of steps without compute


def test_a_refusal_of_the_check_stands_at_its_step(visitor: Visit) -> None:
    page = visitor.page
    page.goto("/flows/edit?example=true")
    expect(page.get_by_test_id("check")).to_have_text("can run: 8 jobs")
    yaml = page.get_by_label("The flow as YAML")
    yaml.fill(yaml.input_value().replace("on: [mig-1g.5gb]", "on: [mig-1g.5bg]"))
    expect(page.get_by_test_id("check")).to_have_text("cannot run yet")
    expect(page.get_by_role("region", name="Step train")).to_contain_text("did you mean mig-1g.5gb")
    visitor.complaints.clear()  # the 400 itself


def test_a_run_shows_what_each_step_took_and_its_sweep_on_the_slices(visitor: Visit) -> None:
    page = visitor.page
    page.goto("/flows/edit?example=true")
    expect(page.get_by_test_id("check")).to_have_text("can run: 8 jobs")
    run = start(page)
    train = page.get_by_role("region", name="Step train")
    expect(train).to_have_attribute("data-state", "succeeded", timeout=SLOW)
    expect(page.get_by_test_id("run-state")).to_contain_text("done", timeout=SLOW)
    expect(page.get_by_role("region", name="Step prepare")).to_contain_text("first choice")
    expect(train).to_contain_text("6 of 6 on the first choice")
    expect(train.locator("[data-trial]")).to_have_count(6)
    shown = visitor.site.ask("flow", "show", run)
    best = next(one for one in shown["components"] if one["name"] == "train")["best"]
    expect(train).to_contain_text(f"best trial {best}")
    table = page.get_by_role("region", name="Trials of train").get_by_role("row")
    expect(table.nth(1)).to_contain_text(re.compile(rf"^{best}\s*best"))
    expect(page.get_by_role("region", name="Step infer").get_by_role("link", name=re.compile("^job"))).to_be_visible()

    page.get_by_role("button", name="Rerun from train").click()
    page.wait_for_url(lambda url: "/flows/run/" in url and run not in url)
    expect(page.get_by_role("region", name="Step prepare")).to_contain_text("taken over")
    expect(page.get_by_role("link", name=f"repeats {run}")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_test_id("run-state")).to_contain_text(re.compile("cancelled|done"), timeout=SLOW)


def test_what_a_step_asks_before_it_starts_is_answered_on_its_run(visitor: Visit) -> None:
    page = visitor.page
    page.goto("/flows/edit?example=true")
    page.get_by_role("button", name=re.compile("^infer")).first.click()
    page.get_by_label("Ask before it starts").fill("Is the model fair?")
    page.get_by_label("Ask before it starts").press("Tab")
    expect(page.get_by_label("The flow as YAML")).to_have_value(re.compile("approval: Is the model fair?"))
    expect(page.get_by_test_id("check")).to_have_text("can run: 8 jobs")
    run = start(page)
    asked = page.get_by_role("region", name="Approval of infer")
    expect(asked).to_contain_text("Is the model fair?", timeout=SLOW)
    expect(page.get_by_role("region", name="Step infer")).to_contain_text("awaits approval")
    asked.get_by_label("Note").fill("to every group")
    asked.get_by_role("button", name="Approve").click()
    expect(asked).to_have_count(0)
    expect(page.get_by_test_id("run-state")).to_contain_text("done", timeout=SLOW)
    approval = visitor.site.ask("flow", "show", run)["components"][-1]["approval"]
    assert (approval["approved"], approval["note"]) == (True, "to every group")


def test_flows_and_runs_are_found_again_and_the_yaml_is_the_command_lines(visitor: Visit) -> None:
    site = visitor.site
    file = site.folder / "listed.yaml"
    file.write_text("name: listed\ncomponents:\n  only:\n    on: [cpu]\n    command: [echo, hello]\n")
    assert site.nav("flow", "run", str(file), "--wait", timeout=120).code == 0
    page = visitor.page
    page.goto("/flows?state=succeeded&flow=listed")
    runs = page.get_by_role("region", name="Runs")
    expect(runs.get_by_role("row").filter(has_text="listed")).to_contain_text("done")
    page.get_by_role("region", name="Flows").get_by_role("link", name="listed").click()
    expect(page.get_by_role("heading", name="listed", level=1)).to_be_visible()
    expect(page.get_by_test_id("yaml")).to_have_text("name: listed\ncomponents:\n  only:\n    on: [cpu]\n    command: [echo, hello]\n")
    expect(page.get_by_role("region", name="Its runs").get_by_role("row")).to_have_count(2)
