# SPDX-License-Identifier: Apache-2.0
"""A machine that joins over the network: a network namespace of its own, with an address of its own, on the other end of a cable."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from installation import Installation, nav_program, wait_until

CAN_JOIN_S = 300


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


class OtherMachine:
    """A network namespace whose cable ends here."""

    def __init__(self, folder: Path) -> None:
        number = os.getpid() % 60000
        self.name, self.cable = f"nav-{number}", f"nav{number}"
        self.here, self.there = f"10.213.{number % 250}.1", f"10.213.{number % 250}.2"
        self.data = folder / "other"
        self.log = folder / "agent.log"
        self.agents: list[subprocess.Popen[bytes]] = []
        ip("netns", "add", self.name)
        ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        ip("address", "add", f"{self.here}/24", "dev", self.cable)
        ip("link", "set", self.cable, "up")
        for words in (("address", "add", f"{self.there}/24", "dev", "eth0"), ("link", "set", "eth0", "up"), ("link", "set", "lo", "up")):
            ip("-n", self.name, *words)

    def inside(self, *words: str | Path) -> list[str]:
        """A command there. `ip netns exec` would hide the control groups, which a machine of its own has."""
        return ["nsenter", f"--net=/run/netns/{self.name}", *map(str, words)]

    def agent(self, *words: str | Path) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            command = self.inside(nav_program(), "agent", "--data", self.data, *words)
            self.agents.append(subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        return self.agents[-1]

    @property
    def environment(self) -> dict[str, str]:
        return {name: value for name, value in os.environ.items() if not name.startswith("NAV_") or name == "NAV_TEST_MARK"}

    def plug(self, is_in: bool) -> None:
        ip("link", "set", self.cable, "up" if is_in else "down")

    def remove(self) -> None:
        for agent in self.agents:
            if agent.poll() is None:
                agent.terminate()
                agent.wait(30)
        subprocess.run(["ip", "link", "del", self.cable], capture_output=True, check=False)
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True, check=False)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherMachine]:
    if os.geteuid() != 0 or not shutil.which("ip") or not shutil.which("nsenter"):
        pytest.skip("only root lays cables, with ip and nsenter")
    with contextlib.ExitStack() as stack:
        try:
            machine = OtherMachine(tmp_path_factory.mktemp("other"))
        except subprocess.CalledProcessError as refused:
            pytest.skip(f"no network namespaces here: {refused.stderr.decode()}")
        stack.callback(machine.remove)
        yield machine


@pytest.fixture(scope="module")
def lab(other: OtherMachine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation without any node, which others may join and ask from afar."""
    options = ("--listen", f"{other.here}:0", "--agents-listen", f"{other.here}:0", "--tls-name", other.here, "--no-agent")
    installation = Installation(tmp_path_factory.mktemp("lab"), *options)
    installation.serves = lambda: (installation.data / "run" / "url").exists()  # type: ignore[method-assign]
    try:
        installation.start()
        yield installation
    finally:
        installation.stop()


def node(lab: Installation) -> Any:
    nodes = lab.ask("nodes")["items"]
    return nodes[0] if nodes else None


def join_words(lab: Installation) -> tuple[str, str]:
    """The address and the secret that `nav token create --join` tells a person to use."""
    said = lab.nav("token", "create", "--join")
    assert said.code == 0, said.err
    told = re.search(r"^echo (\S+) > join-token\nnav agent --join (\S+#sha256:[0-9a-f]{64}) --token-file join-token$", said.out, re.MULTILINE)
    assert told, said.out
    return told[2], told[1]


def refused(other: OtherMachine, address: str, secret: str, folder: Path) -> str:
    """What an agent says that may not join."""
    token = folder / "token"
    token.write_text(secret)
    agent = (nav_program(), "agent", "--data", folder / "refused", "--join", address, "--token-file", token)
    words = other.inside(*agent, "--simulate", "a30", "--name", "stranger")
    done = subprocess.run(words, env=other.environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode not in (0, 124), shlex.join(words)
    return done.stderr


def test_a_wrong_fingerprint_is_refused_by_the_machine(lab: Installation, other: OtherMachine, tmp_path: Path) -> None:
    address, secret = join_words(lab)
    wrong = address[:-1] + ("0" if address[-1] != "0" else "1")
    assert "fingerprint" in refused(other, wrong, secret, tmp_path)
    assert node(lab) is None


def test_a_wrong_token_is_refused_by_the_installation(lab: Installation, other: OtherMachine, tmp_path: Path) -> None:
    address, secret = join_words(lab)
    said = refused(other, address, secret[:-2] + ("AA" if not secret.endswith("AA") else "BB"), tmp_path)
    assert "token" in said, said
    assert node(lab) is None


def test_a_new_machine_runs_its_first_job_within_five_minutes(lab: Installation, other: OtherMachine, tmp_path: Path) -> None:
    began = time.monotonic()
    address, secret = join_words(lab)
    token = tmp_path / "join-token"
    token.write_text(secret + "\n")
    other.agent("--join", address, "--token-file", token, "--simulate", "a30", "--name", "far", "--site", "cellar", "--label", "rack=7")
    joined = wait_until(f"it has joined: {other.log}", lambda: (found := node(lab)) and found["state"] == "ready" and found, CAN_JOIN_S)
    assert (joined["name"], joined["site"], joined["labels"], len(joined["gpus"])) == ("far", "cellar", {"rack": "7"}, 4)
    templates = lab.nav("templates").out
    assert "mig-1g.6gb" in templates and "a30" in templates
    script = "echo $NAV_PLACEMENT; cat /proc/net/fib_trie | grep -c " + other.there
    said = lab.nav("run", "--on", "mig-1g.6gb", "--wait", "--", "sh", "-c", script, timeout=CAN_JOIN_S)
    took = time.monotonic() - began
    print(f"from the join token to the end of the first job: {took:.1f} s")
    assert said.code == 0, said.err
    assert said.out.splitlines()[0].startswith("1g.6gb@") and int(said.out.splitlines()[1]) > 0, "it ran over there"
    assert took < CAN_JOIN_S


def test_nav_inside_a_job_speaks_with_its_controller_over_the_network(lab: Installation) -> None:
    said = lab.nav("run", "--on", "cpu", "--wait", "--", nav_program(), "whoami", "--json", timeout=120)
    assert said.code == 0, said.err + said.out
    assert said.json()["attempt"].endswith(".1")


def test_a_job_outlives_a_network_that_is_gone(lab: Installation, other: OtherMachine) -> None:
    job = lab.submit("--on", "mig-1g.6gb", "--", "sh", "-c", "echo begun; while ! test -e $HOME/enough; do sleep 0.1; done; echo over")
    lab.wait_for_state(job, "running")
    before = lab.ask("job", str(job))["job"]
    other.plug(False)
    wait_until("it is missed", lambda: node(lab)["state"] == "unreachable", 120)
    assert lab.ask("job", str(job))["job"]["state"] == "running", "nobody knows better"
    (other.data / f"jobs/{job}.1/work/enough").touch()
    other.plug(True)
    over = lab.wait_for_state(job, "succeeded", patience=120)["job"]
    assert (over["attempt"], over["place"]) == (before["attempt"], before["place"])
    wait_until("its whole log has come", lambda: lab.nav("logs", str(job)).out == "begun\nover\n", 60)
    assert wait_until("it answers again", lambda: (found := node(lab))["state"] == "ready" and found, 60)["id"] == "node-1"


def test_an_agent_that_comes_back_without_its_controller_adopts_what_runs(lab: Installation, other: OtherMachine) -> None:
    job = lab.submit("--on", "mig-2g.12gb", "--", "sh", "-c", "echo begun; while ! test -e $HOME/enough; do sleep 0.1; done; echo over")
    lab.wait_for_state(job, "running")
    other.plug(False)
    other.agents[-1].send_signal(signal.SIGKILL)
    other.agents[-1].wait()
    agent = other.agent()  # by its certificate alone
    wait_until("it works", lambda: str(agent.pid) in (other.data / "lock").read_text())
    attempt = other.data / f"jobs/{job}.1"
    (attempt / "work/enough").touch()
    wait_until("the job has ended well", lambda: (attempt / "log").exists() and b"over" in (attempt / "log").read_bytes())
    other.plug(True)
    assert lab.wait_for_state(job, "succeeded", patience=120)["job"]["attempt"] == 1
    wait_until("its whole log has come", lambda: lab.nav("logs", str(job)).out == "begun\nover\n", 60)


def test_nobody_is_served_without_tls_but_this_machine_itself(lab: Installation) -> None:
    url = (lab.data / "run/url").read_text()
    assert url.startswith("https://")
    host, port = url.split("#")[0].removeprefix("https://").strip().rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=30) as plain:
        plain.sendall(b"GET /v1/version HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            answer = plain.recv(1000)
        except ConnectionResetError:
            answer = b""
    assert not answer.startswith(b"HTTP/1.1 2"), answer
