# SPDX-License-Identifier: Apache-2.0
"""A Prometheus on a node scrapes its agent, by the names it knows from a dcgm-exporter."""

from __future__ import annotations

import os
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from installation import Installation, nav_program, wait_until
from prometheus import check_page, scraping
from test_join import join_words


class Scraped:
    """An installation with one agent of its own process, which serves its metrics."""

    def __init__(self, folder: Path) -> None:
        self.site = Installation(folder, "--no-agent")
        self.site.serves = lambda: (self.site.data / "run" / "url").exists()  # type: ignore[method-assign]
        self.site.start()
        self.data = folder / "agent"
        self.log = folder / "agent.log"
        self.address, secret = join_words(self.site)
        self.token = folder / "join-token"
        self.token.write_text(secret + "\n")
        self.agent: subprocess.Popen[bytes] | None = None

    def words(self, *words: str) -> list[str]:
        join = ["--join", self.address, "--token-file", str(self.token), "--simulate", "a30", "--name", "scraped"]
        return [str(nav_program()), "agent", "--data", str(self.data), *join, *words]

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.agent = subprocess.Popen(self.words("--metrics", "127.0.0.1:0"), env=self.site.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(f"it has joined: {self.log}", lambda: [node["state"] for node in self.site.ask("nodes")["items"]] == ["ready"], 120)

    @property
    def url(self) -> str:
        return (self.data / "run" / "metrics-url").read_text().strip()

    def page(self) -> str:
        with urllib.request.urlopen(self.url, timeout=30) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            return str(answer.read().decode())

    def stop(self) -> None:
        self.site.stop()  # it tells the agent to end what runs
        if self.agent is not None and self.agent.poll() is None:
            self.agent.terminate()
            self.agent.wait(60)


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scraped]:
    made = Scraped(tmp_path_factory.mktemp("scraped"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


def rows(page: str, name: str) -> list[dict[str, str]]:
    return [dict(re.findall(r'(\w+)="([^"]*)"', line)) for line in page.splitlines() if line.startswith(name + "{")]


def test_a_slice_is_exported_with_its_job_as_the_controller_has_it(scraped: Scraped) -> None:
    job = scraped.site.submit("--on", "mig-1g.6gb", "--", "sleep", "600")
    scraped.site.wait_for_state(job, "running")
    name = "DCGM_FI_PROF_GR_ENGINE_ACTIVE"
    mine = wait_until("the slice is exported", lambda: [row for row in rows(scraped.page(), name) if row["hpc_job"] == str(job)], 60)
    assert mine[0]["GPU_I_PROFILE"] == "1g.6gb" and mine[0]["Hostname"] == "scraped"
    token = (scraped.site.data / "admin-token").read_text().strip()
    request = urllib.request.Request((scraped.site.data / "run/url").read_text().strip() + "/metrics", headers={"Authorization": f"Bearer {token}"})

    def the_controllers() -> Any:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return [row for row in rows(answer.read().decode(), name) if row["hpc_job"] == str(job)]

    assert wait_until("the controller has it too", the_controllers, 60) == mine
    scraped.site.nav("cancel", str(job))


def test_a_prometheus_scrapes_it(scraped: Scraped, tmp_path: Path) -> None:
    wait_until("something is measured", lambda: "DCGM_FI_DEV_POWER_USAGE" in scraped.page(), 60)
    check_page(scraped.page())
    target = urllib.parse.urlparse(scraped.url).netloc
    with scraping(tmp_path, f"scrape_configs:\n  - {{job_name: node, static_configs: [{{targets: ['{target}']}}]}}\n") as ask:
        powers = wait_until("Prometheus has the GPUs", lambda: ask("DCGM_FI_DEV_POWER_USAGE"), 120)
        assert {row["metric"]["Hostname"] for row in powers} == {"scraped"}
        assert len(powers) == int(ask("opennav_agent_gpus")[0]["value"][1])


def test_there_is_that_page_and_nothing_else(scraped: Scraped) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(scraped.url.removesuffix("/metrics") + "/v1/jobs", timeout=30)
    assert refused.value.code == 404


@pytest.mark.parametrize(
    ("listen", "said"), [("0.0.0.0:9400", "not this machine's loopback"), ("9400", "is not an address"), ("127.0.0.1:70000", "is not an address")]
)
def test_an_address_for_others_is_refused_with_what_would_be_right(scraped: Scraped, listen: str, said: str) -> None:
    words = scraped.words("--metrics", listen)
    words[words.index("--data") + 1] = str(scraped.data.parent / "refused")
    done = subprocess.run(words, env=scraped.site.environment | dict(PATH=os.environ["PATH"]), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0 and said in done.stderr and "127.0.0.1" in done.stderr, done.stderr
