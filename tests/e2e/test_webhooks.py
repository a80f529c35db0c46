# SPDX-License-Identifier: Apache-2.0
"""Somebody's own program is told of the pool's health: signed, until it takes it, also after the controller was killed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from installation import Installation, wait_until
from webhook_receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return headers["webhook-signature"] == "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def first(installation: Installation) -> Any:
    return installation.ask("webhook", "list")["items"][0]


def test_a_slice_that_is_set_aside_is_told_of_and_so_is_its_return(dgx: Installation, receiver: Receiver) -> None:
    made = dgx.nav("webhook", "create", receiver.url, "--kind", "set_aside,taken_back,test")
    assert made.code == 0 and "webhook-" in made.err, made.err
    secret = made.out.strip()
    number = made.err.split()[0]
    assert dgx.nav("webhook", "test", number).code == 0
    job = dgx.submit("--on", "mig-1g.5gb", "--", "sleep", "600")
    place = dgx.wait_for_state(job, "running")["job"]["place"]
    gpu, slice_ = place.split()
    node = dgx.ask("nodes")["items"][0]["name"]
    assert dgx.nav("sim", "fault", node, "--gpu", gpu.removeprefix("gpu"), "--xid", "94", "--slice", slice_).code == 0
    (aside,) = wait_until("it is told of", lambda: receiver.notices("set_aside"), 60)
    assert (aside["node"], aside["placement"], aside["job"]) == (node, slice_, job) and "XID 94" in aside["reason"]
    dgx.wait_for_state(job, "failed", "lost", "queued", "running")
    dgx.nav("cancel", str(job))
    wait_until("it can be taken back", lambda: dgx.nav("node", "take-back", node, gpu.removeprefix("gpu"), slice_).code == 0, 60)
    wait_until("its return is told of", lambda: receiver.notices("taken_back"), 60)
    assert receiver.notices("test")[0]["text"] == "a test: all is well"
    assert all(is_signed(secret, headers, body) for headers, body in receiver.taken)
    wait_until("both were taken", lambda: first(dgx)["delivered"] == 2)
    listed = dgx.nav("webhook", "list").out
    assert receiver.url in listed and secret not in listed and secret not in dgx.log.read_text()
    assert dgx.nav("webhook", "delete", number).code == 0
    assert dgx.ask("webhook", "list")["items"] == []


def test_what_was_not_taken_comes_again_after_the_controller_was_killed_and_the_rest_does_not(tmp_path: Path, receiver: Receiver) -> None:
    site = Installation(tmp_path, "--simulate", "dgx-a100:2", "--no-agent")
    try:
        site.start()
        assert site.nav("webhook", "create", receiver.url).code == 0
        nodes = [node["name"] for node in site.ask("nodes")["items"]]
        assert site.nav("sim", "fault", nodes[0], "--gpu", "1", "--xid", "79").code == 0
        wait_until("it is told of", lambda: receiver.notices("set_aside"), 60)
        wait_until("that is known", lambda: first(site)["delivered"] == 1)
        receiver.status = 503
        assert site.nav("sim", "fault", nodes[1], "--gpu", "2", "--xid", "79").code == 0
        wait_until("it is tried", lambda: len(receiver.tries) > 1, 60)
        wait_until("that is shown", lambda: first(site).get("last_error") == "the receiver answered 503" and first(site)["waiting"] == 1)
        assert "answered 503" in site.nav("webhook", "list").out
        assert site.server is not None
        site.server.send_signal(signal.SIGKILL)
        site.server.wait()
        receiver.status = 200
        site.start()
        wait_until("the second comes", lambda: [one["node"] for one in receiver.notices("set_aside")] == nodes, 60)
        wait_until("all is well", lambda: first(site)["waiting"] == 0 and "last_error" not in first(site))
        ids = [notice["id"] for notice in receiver.notices()]
        assert len(ids) == len(set(ids)), "what was taken did not come again"
        back, silent = ({one["node"] for one in receiver.notices(kind)} for kind in ("node_back", "node_silent"))
        assert back <= silent, "that the controller was away is no silence of a node"
    finally:
        site.stop()


def agent_of(site: Installation) -> int:
    """The process of the one agent that `nav up` runs."""
    assert site.server is not None
    (agent,) = Path(f"/proc/{site.server.pid}/task/{site.server.pid}/children").read_text().split()
    return int(agent)


def test_a_node_that_falls_silent_is_told_of_and_so_is_its_return(fresh: Installation, receiver: Receiver) -> None:
    fresh.start()
    assert fresh.nav("webhook", "create", receiver.url, "--kind", "node_silent,node_back").code == 0
    agent = agent_of(fresh)
    os.kill(agent, signal.SIGSTOP)
    try:
        (silent,) = wait_until("its silence is told of", lambda: receiver.notices("node_silent"), 120)
    finally:
        os.kill(agent, signal.SIGCONT)
    (back,) = wait_until("its return is told of", lambda: receiver.notices("node_back"), 120)
    assert silent["node"] == back["node"] == fresh.ask("nodes")["items"][0]["name"]
    assert silent["text"].endswith("does not answer") and back["text"].endswith("answers again")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ftp://example.org",), "is no http or https address"),
        (("https://user:word@example.org",), "a user or a password"),
        (("https://example.org", "--kind", "rain"), "rain"),
    ],
)
def test_a_wrong_webhook_is_refused_with_what_would_be_right(dgx: Installation, words: tuple[str, ...], said: str) -> None:
    refused = dgx.nav("webhook", "create", *words)
    assert refused.code == 2 or refused.code == 3, refused
    assert said in refused.err
    assert dgx.ask("webhook", "list")["items"] == []
