# SPDX-License-Identifier: Apache-2.0
"""Two sites, one pool: the second lies behind a slow cable that breaks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from installation import Installation, wait_until
from test_join import OtherMachine, join_words, other  # noqa: F401

SLEEP = ("--", "sleep", "600")
THERE_ELSE_HERE = ("--on", "mig-1g.6gb:wait=1s", "--on", "mig-1g.5gb")


def state_of(site: Installation, name: str) -> str | None:
    return next((node["state"] for node in site.ask("nodes")["items"] if node["name"] == name), None)


@pytest.fixture(scope="module")
def both(other: OtherMachine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:  # noqa: F811
    """An A100 here, and four A30 at the site "cellar", a tenth of a second away where the kernel can delay packets."""
    options = ("--simulate", "a100-40gb:1", "--no-agent", "--listen", f"{other.here}:0", "--agents-listen", f"{other.here}:0", "--tls-name", other.here)
    site = Installation(tmp_path_factory.mktemp("both"), *options)
    try:
        site.start()
        delayed = subprocess.run(["tc", "qdisc", "add", "dev", other.cable, "root", "netem", "delay", "100ms"], capture_output=True, check=False)
        print("the cable is slow" if delayed.returncode == 0 else f"this kernel delays nothing: {delayed.stderr.decode().strip()}")
        address, secret = join_words(site)
        token = other.data.parent / "join-token"
        token.write_text(secret + "\n")
        other.agent("--join", address, "--token-file", token, "--simulate", "a30", "--name", "far", "--site", "cellar")
        wait_until(f"it has joined: {other.log}", lambda: state_of(site, "far") == "ready", 120)
        yield site
    finally:
        site.stop()


def test_one_list_goes_over_both_sites(both: Installation) -> None:
    far = both.submit(*THERE_ELSE_HERE, *SLEEP)
    assert both.wait_for_state(far, "running", patience=120)["job"]["node"] == "far"
    assert both.nav("template", "create", "cellar", "--profile", "1g.6gb", "--site", "cellar").code == 0
    refused = both.nav("template", "create", "nowhere", "--profile", "1g.5gb", "--site", "cellar")
    assert refused.code == 3 and "1g.6gb" in refused.err, "what that site can give is named"
    assert both.wait_for_state(both.submit("--on", "cellar", *SLEEP), "running", patience=120)["job"]["node"] == "far"


def test_while_the_cable_is_cut_jobs_go_on_to_what_answers(both: Installation, other: OtherMachine) -> None:  # noqa: F811
    there = both.submit("--on", "cellar", *SLEEP)
    both.wait_for_state(there, "running", patience=120)
    other.plug(False)
    wait_until("it is missed", lambda: state_of(both, "far") == "unreachable", 120)
    here = both.submit(*THERE_ELSE_HERE, *SLEEP)
    got = both.wait_for_state(here, "running")
    assert got["job"]["on"] == "mig-1g.5gb"
    assert "far is unreachable" in got["rungs"][0]["why"]
    assert both.ask("try", "--on", "cellar")["rungs"][0]["can"] == "later", "a site that is away is not never"
    assert both.ask("job", str(there))["job"]["state"] == "running", "nobody knows better"
    other.plug(True)
    wait_until("it answers again", lambda: state_of(both, "far") == "ready", 120)
    assert both.ask("job", str(there))["job"]["attempt"] == 1
    again = both.submit(*THERE_ELSE_HERE, *SLEEP)
    assert both.wait_for_state(again, "running", patience=120)["job"]["node"] == "far"
