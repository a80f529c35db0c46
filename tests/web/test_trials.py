# SPDX-License-Identifier: Apache-2.0
"""Experiments: runs compared, the best of them, their curves, a note."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

from playwright.sync_api import Page, expect

from visit import Installation, Visit, token_of, url_of

RATES = {"0.001": 0.71, "0.01": 0.93, "0.1": 0.82}


def tell(site: Installation, what: str, body: dict[str, Any]) -> Any:
    """What MLflow's client would say."""
    request = urllib.request.Request(
        f"{url_of(site)}/api/2.0/mlflow/{what}",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {token_of(site)}", "Content-Type": "application/json"},
    )
    return json.load(urllib.request.urlopen(request, timeout=60))


def experiment(site: Installation, name: str) -> str:
    made = tell(site, "experiments/create", {"name": name})["experiment_id"]
    for rate, accuracy in RATES.items():
        run = tell(site, "runs/create", {"experiment_id": made, "run_name": f"rate {rate}", "start_time": 1_795_339_440_000})["run"]["info"]["run_id"]
        for key, value in (("rate", rate), ("units", "32" if rate == "0.1" else "16")):
            tell(site, "runs/log-parameter", {"run_id": run, "key": key, "value": value})
        for step in range(5):
            for key, value in (("accuracy", accuracy * (step + 1) / 5), ("loss", 1 - accuracy * (step + 1) / 5)):
                tell(site, "runs/log-metric", {"run_id": run, "key": key, "value": value, "timestamp": 1_795_339_440_000 + step, "step": step})
        tell(site, "runs/update", {"run_id": run, "status": "FINISHED", "end_time": 1_795_339_500_000})
    return str(made)


def test_runs_are_compared_and_the_best_is_said(page: Page, visit: Visit) -> None:
    number = experiment(visit.site, "digits")
    page.goto("/trials")
    page.get_by_role("link", name="digits").click()
    expect(page.get_by_role("heading", name="digits")).to_be_visible()
    expect(page.get_by_test_id("best")).to_contain_text("rate 0.01 is the best of 3: accuracy 0.93")
    rows = page.get_by_role("group", name="Table of runs").get_by_role("row")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("rate 0.01")
    expect(page.get_by_role("img", name=re.compile("^accuracy by step: .*rate"))).to_be_visible()
    expect(page.get_by_role("img", name="Parameters of 3 runs and their accuracy")).to_be_visible()

    page.get_by_role("button", name="loss", exact=True).click()
    expect(page.get_by_test_id("best")).to_contain_text("rate 0.01 is the best of 3: loss 0.07")
    page.get_by_label("Pick rate 0.1", exact=True).check()
    expect(page).to_have_url(re.compile(r"metric=loss.*picked=[0-9a-f]{32}"))
    page.get_by_role("button", name=re.compile("^Columns")).click()
    page.get_by_label("params.units").uncheck()
    page.keyboard.press("Escape")
    expect(rows.nth(0)).not_to_contain_text("units")

    page.get_by_label("Only runs for which holds").fill("params.units = '16'")
    expect(rows).to_have_count(3)
    page.get_by_label("Only runs for which holds").fill("params.units like")
    expect(page.get_by_role("alert")).to_be_visible()
    visit.complaints.clear()  # the 400 of that
    page.goto(f"/trials/{number}")
    page.get_by_role("button", name=re.compile("^Note what")).click()
    page.get_by_label("Note").fill("0.01 it is")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("button", name="0.01 it is")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="0.01 it is")).to_be_visible()
