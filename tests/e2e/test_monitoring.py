# SPDX-License-Identifier: Apache-2.0
"""What is measured on a node is kept, summed up, shown, and scraped by a real Prometheus."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import pyarrow.parquet as parquet
from installation import Installation, wait_until
from prometheus import check_page, scraping

ROOT = Path(__file__).resolve().parents[2]
BUSY = "while :; do :; done"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, int]]:
    """An installation on which a job keeps a slice busy, measured."""
    installation = Installation(tmp_path_factory.mktemp("measured"), "--simulate", "dgx-a100:1", "--no-agent")
    installation.start()
    job = installation.submit("--on", "mig-1g.5gb", "--", "sh", "-c", BUSY)
    installation.wait_for_state(job, "running")
    yield installation, job
    installation.stop()


def get(installation: Installation, path: str) -> tuple[int, Any]:
    token = (installation.data / "admin-token").read_text().strip()
    request = urllib.request.Request((installation.data / "run/url").read_text().strip() + path, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def query(installation: Installation, **words: Any) -> Any:
    status, body = get(installation, "/v1/metrics/query?" + urllib.parse.urlencode(words, doseq=True))
    assert status == 200, body
    return json.loads(body)


def latest(installation: Installation, **words: Any) -> list[Any]:
    return json.loads(get(installation, "/v1/metrics/latest?" + urllib.parse.urlencode(words))[1])["items"]


def test_a_busy_slice_shows_its_activity_its_holder_and_that_it_is_simulated(measured: tuple[Installation, int]) -> None:
    installation, job = measured

    def busy() -> Any:
        return [one for one in latest(installation, recent=5) if one["kind"] == "instance" and one["values"].get("activity", 0) > 0.2]

    (slice_,) = wait_until("the slice is seen to be busy", busy, 60)
    assert (slice_["source"], slice_["attempt"]) == ("simulated", f"{job}.1")
    assert slice_["slice"].startswith("1g.5gb@") and slice_["values"]["memory_total"] > 4000

    def attempts_seen() -> Any:
        return [one for one in latest(installation) if one["kind"] == "attempt" and "processors" in one["values"]]

    attempts = wait_until("the attempt's processors are seen", attempts_seen)
    assert attempts[0]["source"] == "host" and attempts[0]["values"]["processors"] > 0.1


def test_what_was_held_adds_up_to_all_there_is(measured: tuple[Installation, int]) -> None:
    installation, _ = measured

    def reported() -> Any:
        report = installation.ask("report", "idle", "--by", "node")
        return report if report["rows"] and report["rows"][0]["numbers"]["held"] > 0 else None

    numbers = wait_until("the report has what is held", reported, 60)["rows"][0]["numbers"]
    parts = sum(numbers[part] for part in ("held", "idle", "reconfiguring", "set_aside", "geometry_loss"))
    assert parts == pytest.approx(numbers["capacity"], rel=1e-9) and numbers["capacity"] > 0


def test_use_is_grouped_by_two_things_and_kept_apart_in_time(measured: tuple[Installation, int]) -> None:
    installation, _ = measured

    def held() -> Any:
        answer = query(installation, metric="held", by=["team", "profile"], step=60_000_000)
        groups = [group for group in answer["groups"] if group["labels"]["profile"] == "1g.5gb"]
        return (answer, groups[0]) if groups and max(groups[0]["values"]) > 0.1 else None

    answer, group = wait_until("it was held for a while", held, 60)
    assert group["labels"]["team"] == "default" and answer["unit"] == "memory slices"
    assert max(group["values"]) <= 1.01


def test_a_series_of_one_slice_can_be_asked_for(measured: tuple[Installation, int]) -> None:
    installation, job = measured
    wait_until("there is a series", lambda: query(installation, metric="activity", by="series", step=10_000_000)["groups"], 60)
    (mine,) = query(installation, metric="processors", by="series", step=10_000_000, job=job)["groups"]
    assert mine["labels"]["attempt"] == f"{job}.1"


@pytest.mark.parametrize(
    ("words", "field", "hint"),
    [
        ({"metric": "held", "since": 0, "step": 1_000_000}, "step", "or more for"),
        ({"metric": "held", "since": 2, "until": 1}, "until", "after `since`"),
        ({"metric": "hold"}, "metric", "did you mean held"),
        ({"metric": "power"}, "metric", "by=series"),
        ({"metric": "held", "by": ["team", "user", "node"]}, "by", "at most two"),
        ({"metric": "held", "by": "colour"}, "by", "team, project"),
        ({"metric": "held", "gpu": "x"}, "gpu", "by=series"),
        ({"metric": "power", "by": "series", "node": "nowhere"}, "node", "nav nodes"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_could(measured: tuple[Installation, int], words: dict[str, Any], field: str, hint: str) -> None:
    status, body = get(measured[0], "/v1/metrics/query?" + urllib.parse.urlencode(words, doseq=True))
    error = json.loads(body)["error"]
    assert status == 400 and error["field"] == field and hint in error["hint"], body


def test_a_report_comes_as_text_csv_json_and_a_page_with_a_picture(measured: tuple[Installation, int], tmp_path: Path) -> None:
    installation, _ = measured
    wait_until("something was used", lambda: installation.ask("report", "usage")["rows"], 60)
    assert "GPU HOURS" in installation.nav("report", "usage").out
    rows = list(csv.reader(io.StringIO(installation.nav("report", "usage", "--by", "team", "--by", "profile", "--csv").out)))
    assert rows[0][:3] == ["team", "profile", "gpu_hours (GPU hours)"] and ["default", "1g.5gb"] in [row[:2] for row in rows]
    page = tmp_path / "usage.html"
    assert installation.nav("report", "usage", "--html", page).code == 0
    text = page.read_text()
    assert "<svg" in text and "<path" in text and "http" not in text.replace("http://www.w3.org/2000/svg", ""), "it loads nothing"
    assert "not known" in installation.nav("report", "cost").out
    assert installation.nav("report", "use").code == 2
    for kind in ("demand", "waiting", "stranded"):
        assert installation.nav("report", kind).code == 0


def test_a_report_is_written_for_data_tools(measured: tuple[Installation, int], tmp_path: Path) -> None:
    installation, _ = measured
    wait_until("something was used", lambda: installation.ask("report", "usage")["rows"], 60)
    file = tmp_path / "usage.parquet"
    with_arrow = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    assert installation.nav("report", "usage", "--by", "team", "--by", "profile", "--parquet", file, PATH=with_arrow).code == 0
    table = parquet.read_table(file)
    report = installation.ask("report", "usage", "--by", "team", "--by", "profile")
    assert table.column_names == ["team", "profile", *(column["name"] for column in report["columns"])]
    assert ("default", "1g.5gb") in [(row["team"], row["profile"]) for row in table.to_pylist()]
    assert table.schema.field("gpu_hours").metadata[b"unit"] == b"GPU hours" and table.schema.metadata[b"report"] == b"usage"
    nowhere = installation.nav("report", "usage", "--parquet", tmp_path / "nowhere" / "x", PATH=with_arrow)
    assert nowhere.code == 3 and "--parquet" in nowhere.err and "No such file" in nowhere.err
    without = installation.nav("report", "usage", "--parquet", file, PATH="/nowhere")
    assert without.code == 3 and "pip install pyarrow" in without.err


def test_top_shows_each_slice_once_where_nobody_watches(measured: tuple[Installation, int]) -> None:
    installation, job = measured
    assert f"#{job}" in installation.nav("top").out


DASHBOARD = (
    "max(DCGM_FI_DEV_GPU_TEMP{CHOSEN}) by (Hostname, gpu, uuid)",
    "avg(DCGM_FI_DEV_GPU_TEMP{CHOSEN})",
    "max(DCGM_FI_DEV_POWER_USAGE{CHOSEN}) by (Hostname, gpu, uuid)",
    "sum(max(DCGM_FI_DEV_POWER_USAGE{CHOSEN}) by (gpu))",
    "max(DCGM_FI_DEV_SM_CLOCK{CHOSEN} * 1000000) by (Hostname, UUID, gpu)",
    "max(DCGM_FI_PROF_GR_ENGINE_ACTIVE{CHOSEN}) by (Hostname, gpu, GPU_I_ID, GPU_I_PROFILE)",
    "max(DCGM_FI_DEV_FB_USED{CHOSEN}) by (Hostname, gpu, GPU_I_ID, GPU_I_PROFILE)",
)


def test_prometheus_scrapes_it_by_the_names_dashboards_know(measured: tuple[Installation, int], tmp_path: Path) -> None:
    installation, job = measured
    wait_until("instances are exported", lambda: "GPU_I_PROFILE" in get(installation, "/metrics")[1], 60)
    status, page = get(installation, "/metrics")
    assert status == 200
    check_page(page)
    address = urllib.parse.urlparse((installation.data / "run/url").read_text().strip()).netloc
    (tmp_path / "token").write_text((installation.data / "admin-token").read_text().strip())
    settings = (
        f"rule_files: [{ROOT}/packaging/prometheus/opennav-alerts.yml]\n"
        "scrape_configs:\n"
        f"  - {{job_name: opennav, authorization: {{credentials_file: {tmp_path}/token}}, static_configs: [{{targets: ['{address}']}}]}}\n"
    )
    with scraping(tmp_path, settings) as ask:
        (row,) = wait_until("Prometheus has the slice", lambda: ask('DCGM_FI_PROF_GR_ENGINE_ACTIVE{GPU_I_PROFILE="1g.5gb"}'), 60)
        assert row["metric"]["hpc_job"] == str(job) and row["metric"]["GPU_I_ID"] and row["metric"]["UUID"].startswith("GPU-")
        assert row["metric"]["Hostname"].startswith("dgx-a100") and row["metric"]["modelName"] == "NVIDIA A100-SXM4-40GB"
        assert float(ask("avg(DCGM_FI_DEV_GPU_TEMP)")[0]["value"][1]) > 20
        # Every question of NVIDIA's own dashboard for Grafana (12239), its two variables filled in from what they list; but for that of the
        # tensor cores, of which the simulated driver knows nothing.
        free = ask("DCGM_FI_DEV_FB_FREE")
        hosts, gpus = ("|".join(sorted({one["metric"][label] for one in free})) for label in ("Hostname", "gpu"))
        for question in DASHBOARD:
            rows = ask(question.replace("CHOSEN", f'Hostname=~"{hosts}", gpu=~"{gpus}"'))
            assert rows, f"this panel would be empty: {question}"
        by_slice = ask(DASHBOARD[-1].replace("CHOSEN", f'Hostname=~"{hosts}", gpu=~"{gpus}"'))
        assert {"1g.5gb"} <= {one["metric"].get("GPU_I_PROFILE") for one in by_slice}
        slices = wait_until("the ledger's parts are there", lambda: ask("sum(opennav_memory_slices)"), 150)
        assert float(slices[0]["value"][1]) <= 64.01
        assert ask('opennav_jobs{state="running"}')[0]["value"][1] == "1"


def test_the_alerts_fire_when_they_should() -> None:
    promtool = shutil.which("promtool")
    assert promtool, "tools/setup.sh test installs it"
    done = subprocess.run(
        [promtool, "test", "rules", "opennav-alerts-test.yml"], cwd=ROOT / "packaging/prometheus", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_samples_measured_while_the_controller_was_away_come_later_and_once(tmp_path: Path) -> None:
    with socket.socket() as free, socket.socket() as other:
        free.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        listen, agents = (f"127.0.0.1:{one.getsockname()[1]}" for one in (free, other))
    away = Installation(tmp_path, "--listen", listen, "--agents-listen", agents, "--simulate", "dgx-a100:1", "--no-agent")
    try:
        away.start()
        wait_until("it is measured", lambda: latest(away), 60)
        assert away.server is not None
        away.server.send_signal(signal.SIGKILL)
        away.server.wait()
        time.sleep(1)
        away.start()

        def powers() -> Any:
            groups = query(away, metric="power", by="series", step=1_000_000)["groups"]
            return groups if groups and all(len(group["at"]) >= 3 for group in groups) else None

        groups = wait_until("it is measured again", powers, 60)
        for group in groups:
            assert len(group["at"]) == len(set(group["at"])), "each moment once"
            assert all(20 < value < 500 for value in group["values"])
        text = get(away, "/metrics")[1]
        assert "opennav_telemetry_failing 0" in text
    finally:
        away.stop()


def test_advice_names_who_uses_little_of_what_they_hold_with_the_evidence(measured: tuple[Installation, int]) -> None:
    installation, busy = measured
    idler = installation.submit("--on", "mig-3g.20gb", "--name", "idler", "--", "sleep", "600")
    installation.wait_for_state(idler, "running")
    advice = wait_until("the idler is advised on", lambda: [one for one in installation.ask("advice", "--age", "10s")["items"] if one["job"] == idler], 120)[0]
    assert advice["kind"] == "unused" and advice["saves_slices"] == 4
    assert advice["most_memory_mib"] < 4000 and advice["fits"] == "1g.5gb"
    assert "does nothing" in advice["text"]
    assert busy not in [one["job"] for one in installation.ask("advice", "--age", "10s")["items"]], "nothing is smaller than 1g.5gb"
    assert "idler" in installation.nav("advice", "--age", "10s").out
    installation.nav("cancel", str(idler))
    installation.wait_for_state(idler, "cancelled")
    assert idler not in [one["job"] for one in installation.ask("advice", "--age", "10s")["items"]]
