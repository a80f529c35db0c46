# SPDX-License-Identifier: Apache-2.0
"""Workspaces and endpoints: kept well, reached through the door, and ended when nobody uses them, over real agents."""

from __future__ import annotations

import http.client
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from installation import Installation, wait_until

# Answers /healthz as long as there is no file "ill" in the folder it was started in; every other path with what NAV says its attempt is.
ENDPOINT = r"""
import http.server, os
class Endpoint(http.server.BaseHTTPRequestHandler):
    def log_message(self, *words): pass
    def do_GET(self):
        if self.path.endswith("/fall-ill"): open("ill", "w").close()
        well = not (self.path == "/healthz" and os.path.exists("ill"))
        body = f"{os.environ['NAV_ATTEMPT']} {os.environ.get('CUDA_VISIBLE_DEVICES', '')}".encode()
        self.send_response(200 if well else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", int(os.environ["NAV_PORT"])), Endpoint).serve_forever()
"""

# The same at the unix socket, as Jupyter does it.
NOTEBOOK = r"""
import http.server, os, socketserver
class Notebook(http.server.BaseHTTPRequestHandler):
    def log_message(self, *words): pass
    def address_string(self): return ""
    def do_GET(self):
        body = f"notebook {self.path} {os.environ.get('CUDA_VISIBLE_DEVICES', '')}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
class Server(socketserver.UnixStreamServer):
    def get_request(self):
        request, _ = super().get_request()
        return request, ("", 0)
Server(os.environ["NAV_SOCKET"], Notebook).serve_forever()
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One node with one A100, shared by the tests: each leaves it as it found it."""
    site = Installation(tmp_path_factory.mktemp("services"), "--simulate", "a100-40gb")
    try:
        site.start()
        yield site
    finally:
        site.stop()


def number(said: Any) -> int:
    assert said.code == 0, said.err
    return int(said.out)


def visit(site: Installation, job: int, path: str = "/") -> tuple[int, str]:
    address = urlsplit((site.data / "run" / "door-url").read_text().strip())
    token = (site.data / "admin-token").read_text().strip()
    connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=60)
    try:
        connection.request("GET", f"/jobs/{job}{path}", headers={"Host": "localhost", "Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def phase(site: Installation, job: int) -> str:
    return str(site.ask("job", str(job)).get("service", {}).get("phase", "over"))


def is_ready(site: Installation, job: int) -> None:
    wait_until(f"job {job} is ready", lambda: phase(site, job) == "ready", 120)


def agent_of(nav: Installation) -> int:
    assert nav.server is not None
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if parent == nav.server.pid and b"agent" in words:
            return int(entry.name)
    return 0


def held(site: Installation) -> int:
    nodes = site.ask("pool")["nodes"]
    return sum(1 for node in nodes for gpu in node["gpus"] for one in gpu["slices"] if one.get("holder"))


def cancelled(site: Installation, *jobs: int) -> None:
    site.nav("cancel", *map(str, jobs))
    for job in jobs:
        site.wait_for_state(job, "cancelled")


def test_an_endpoint_is_ready_once_it_answers_and_begins_anew_when_it_no_more_does(site: Installation) -> None:
    job = number(site.nav("serve", "--on", "mig-1g.5gb", "--health", "/healthz", "--retries", "1", "--name", "model", "--", "python3", "-c", ENDPOINT))
    is_ready(site, job)
    status, body = visit(site, job, "/predict")
    assert (status, body.split()[0]) == (200, f"{job}.1")
    assert " ready " in site.nav("services").out
    assert visit(site, job, "/fall-ill")[0] == 200
    wait_until("its next attempt answers", lambda: visit(site, job)[1].startswith(f"{job}.2 "), 120)
    is_ready(site, job)
    history = site.ask("job", str(job))["history"]
    assert any("it answered no more: GET /healthz: 503" in str(event) for event in history)
    # There is no third.
    assert visit(site, job, "/fall-ill")[0] == 200
    over = site.wait_for_state(job, "failed", patience=120)
    assert "it answered no more: GET /healthz: 503" in str(over)


def test_a_workspace_nobody_uses_is_ended_and_its_slice_is_free(site: Installation) -> None:
    job = number(site.nav("workspace", "start", "--on", "mig-1g.5gb", "--idle-after", "10s", "--", "python3", "-c", NOTEBOOK))
    is_ready(site, job)
    status, body = visit(site, job, "/tree")
    assert (status, body.split()[:2]) == (200, ["notebook", f"/jobs/{job}/tree"])
    assert held(site) == 1
    over = site.wait_for_state(job, "cancelled", patience=120)
    assert "nobody has used it since" in str(over) and "longer than its 10s" in str(over)
    wait_until("its slice is free", lambda: held(site) == 0)
    assert str(job) not in site.nav("workspace", "list").out


def test_one_that_works_or_is_visited_is_not_idle(site: Installation) -> None:
    busy = number(site.nav("workspace", "start", "--on", "cpu", "--idle-after", "10s", "--", "python3", "-c",
                           "import os, socket\ns = socket.create_server(('127.0.0.1', int(os.environ['NAV_PORT'])))\nwhile True: pass"))  # fmt: skip
    resting = number(site.nav("workspace", "start", "--on", "cpu", "--idle-after", "10s", "--", "python3", "-c", NOTEBOOK))
    site.wait_for_state(resting, "cancelled", patience=120)
    assert phase(site, busy) == "ready"
    assert "idle_since" not in site.ask("job", str(busy))["service"]
    assert f"{busy} " in site.nav("workspace", "list").out
    said = site.nav("workspace", "stop", str(busy))
    assert said.code == 0 and "told to end" in said.out
    site.wait_for_state(busy, "cancelled")


def test_training_a_notebook_and_an_endpoint_share_one_gpu(site: Installation) -> None:
    notebook = number(site.nav("workspace", "start", "--on", "mig-1g.5gb", "--", "python3", "-c", NOTEBOOK))
    endpoint = number(site.nav("serve", "--on", "mig-2g.10gb", "--health", "/healthz", "--", "python3", "-c", ENDPOINT))
    training = site.submit("--on", "mig-3g.20gb", "--", "sh", "-c", "echo trains; sleep 600")
    is_ready(site, notebook)
    is_ready(site, endpoint)
    site.wait_for_state(training, "running")
    places = {site.ask("job", str(job))["job"]["place"] for job in (notebook, endpoint, training)}
    assert len(places) == 3 and all(place.startswith("gpu0 ") for place in places), places
    assert held(site) == 3
    one, other = visit(site, notebook)[1].split()[-1], visit(site, endpoint)[1].split()[-1]
    assert one.startswith("MIG-") and other.startswith("MIG-") and one != other
    cancelled(site, notebook, endpoint, training)


def test_what_is_known_of_it_survives_the_death_of_agent_and_controller(tmp_path: Path) -> None:
    site = Installation(tmp_path, "--simulate", "a100-40gb")
    try:
        site.start()
        job = number(site.nav("serve", "--on", "mig-1g.5gb", "--health", "/healthz", "--retries", "3", "--", "python3", "-c", ENDPOINT))
        is_ready(site, job)
        site.server.send_signal(signal.SIGKILL)
        site.server.wait()
        site.start()
        wait_until("it is reached again", lambda: visit(site, job, "/")[1].startswith(f"{job}.1 "), 120)
        assert phase(site, job) == "ready"
        assert site.ask("services")["items"][0]["kind"] == "endpoint"
        os.kill(agent_of(site), signal.SIGKILL)
        wait_until("it is reached through the next agent", lambda: visit(site, job, "/")[1].startswith(f"{job}.1 "), 120)
        # The next agent, too, asks how it is, and knows that it is not just starting.
        assert visit(site, job, "/fall-ill")[0] == 200
        wait_until("its next attempt answers", lambda: visit(site, job)[1].startswith(f"{job}.2 "), 120)
        cancelled(site, job)
    finally:
        site.stop()


def test_without_jupyter_it_is_said_in_a_sentence(site: Installation) -> None:
    job = number(site.nav("workspace", "start", "--on", "cpu", "--env", "PATH=/nowhere:/bin:/usr/bin", "--env", "PYTHONPATH="))
    ended = site.wait_for_state(job, "failed", "running", patience=60)["job"]
    if ended["state"] == "running":
        ended = wait_until("it ended, or Jupyter listens", lambda: site.ask("job", str(job)) if phase(site, job) in ("over", "ready") else None, 60)["job"]
    if ended["state"] == "running":
        cancelled(site, job)
        pytest.skip("Jupyter is installed on this machine")
    assert ended["exit_code"] == 127
    assert "Jupyter is not installed on this node" in site.nav("logs", str(job)).out


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("serve", "--on", "cpu", "--health", "healthz", "--", "x"), "a path that begins with /"),
        (("serve", "--on", "cpu", "--idle-after", "2s", "--", "x"), "from 10s to"),
        (("serve", "--on", "cpu"), "COMMAND"),
        (("serve", "--", "x"), "--on"),
        (("workspace", "start", "--on", "cpu", "--idle-after", "soon"), "--idle-after"),
        (("workspace", "stop", "999999"), "there is no job 999999"),
    ],
)
def test_what_cannot_be_is_refused(site: Installation, words: tuple[str, ...], part: str) -> None:
    said = site.nav(*words)
    assert said.code != 0
    assert part in said.err


def test_a_job_that_runs_to_its_end_is_no_workspace_to_stop(site: Installation) -> None:
    job = site.submit("--on", "cpu", "--", "sleep", "600")
    said = site.nav("workspace", "stop", str(job))
    assert said.code != 0 and "is no workspace" in said.err
    cancelled(site, job)


# Asks the endpoint of its run for what it says, at the door, as the job that it is; then waits for a file, so that a test can hold it up.
CLIENT = r"""
import json, os, pathlib, sys, time, urllib.request
headers = {"Authorization": "Bearer " + pathlib.Path(os.environ["NAV_TOKEN_FILE"]).read_text().strip()}
def ask(url):
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30).read().decode()
path = os.environ["NAV_DOOR_SERVE"]
url = next(one["url"] for one in json.loads(ask(os.environ["NAV_URL"] + "/v1/services"))["items"] if one["path"] == path)
pathlib.Path(os.environ["NAV_OUTPUTS"], "said").write_text(ask(url))
pathlib.Path(sys.argv[1] + ".asked").touch()
while not os.path.exists(sys.argv[1]): time.sleep(0.05)
"""


def served_flow(folder: Path, *, keep: bool = False, gate: Path) -> Path:
    (folder / "serve.py").write_text(ENDPOINT)
    (folder / "ask.py").write_text(CLIENT)
    flow = folder / "flow.yaml"
    flow.write_text(f"""
name: served
components:
  serve:
    kind: endpoint
    on: [mig-1g.5gb]
    command: [python3, inputs/serve.py]
    inputs: {{serve.py: ./serve.py}}
    health: /healthz
    keep: {str(keep).lower()}
  ask:
    on: [mig-1g.5gb]
    command: [python3, inputs/ask.py, {gate}]
    inputs: {{ask.py: ./ask.py}}
    outputs: [said]
    after: [serve]
""")
    return flow


def states_of(site: Installation, run: str) -> dict[str, str]:
    return {one["name"]: one["state"] for one in site.ask("flow", "show", run)["components"]}


def run_of(said: Any) -> str:
    assert said.code == 0, said.out + said.err
    return str(said.out).split()[0]


def test_a_flow_has_an_endpoint_for_as_long_as_something_asks_it(site: Installation, tmp_path: Path, meeting: Path) -> None:
    gate = meeting / "gate"
    run = run_of(site.nav("flow", "run", served_flow(tmp_path, gate=gate)))
    wait_until("somebody has asked", (meeting / "gate.asked").exists, 60)
    assert states_of(site, run) == {"serve": "serving", "ask": "running"}
    assert "serving" in site.nav("flow", "show", run).out
    site.server.send_signal(signal.SIGKILL)
    site.server.wait()
    site.start()
    gate.touch()
    wait_until("all is done", lambda: states_of(site, run) == {"serve": "succeeded", "ask": "succeeded"}, 90)
    shown = site.ask("flow", "show", run)
    serve = next(one for one in shown["components"] if one["name"] == "serve")
    assert shown["run"]["state"] == "succeeded" and serve["message"] == "the run is done with it"
    said = tmp_path / "said"
    assert site.nav("flow", "fetch", run, "ask", "said", "--to", said).code == 0
    assert said.read_text().startswith(f"{serve['trials'][0]['job']}.1 MIG-"), "what the endpoint said of itself, from its own slice"
    assert site.ask("services")["items"] == []


def test_an_endpoint_that_is_kept_outlives_its_run(site: Installation, tmp_path: Path, meeting: Path) -> None:
    gate = meeting / "gate"
    gate.touch()
    run = run_of(site.nav("flow", "run", served_flow(tmp_path, keep=True, gate=gate)))
    wait_until("the run is over", lambda: site.ask("flow", "show", run)["run"]["state"] == "succeeded", 90)
    job = next(one for one in site.ask("flow", "show", run)["components"] if one["name"] == "serve")["trials"][0]["job"]
    assert visit(site, job)[0] == 200
    site.nav("cancel", str(job))
    site.wait_for_state(job, "cancelled")
    alone = tmp_path / "alone.yaml"
    alone.write_text("name: alone\ncomponents:\n  serve:\n    kind: endpoint\n    on: [cpu]\n    command: [sleep, '9']\n")
    refused = site.nav("flow", "validate", alone)
    assert refused.code != 0 and "the flow has services alone, and serve would be ended at once" in refused.err
