# SPDX-License-Identifier: Apache-2.0
"""Starting, stopping and taking up an installation again."""

from __future__ import annotations

import re
import signal
import socket
import stat
import subprocess
from pathlib import Path

from installation import Installation, nav_program, wait_until


def test_jobs_run_on_while_nav_is_down_and_are_taken_up_again(fresh: Installation) -> None:
    fresh.start()
    job = fresh.submit("--on", "mig-1g.5gb", "--", "sh", "-c", "echo begun; exec sleep 600")
    before = fresh.wait_for_state(job, "running")
    assert fresh.server is not None
    fresh.server.send_signal(signal.SIGINT)
    assert fresh.server.wait(30) == 0
    fresh.server = None
    assert "1 job runs on" in fresh.log.read_text()
    assert fresh.nav("jobs").code == 6

    fresh.start()
    after = fresh.ask("job", str(job))
    assert (after["job"]["state"], after["job"]["attempt"], after["job"]["place"]) == ("running", 1, before["job"]["place"])
    wait_until("its log has come", lambda: fresh.nav("logs", str(job)).out == "begun\n")
    fresh.nav("cancel", str(job))
    fresh.wait_for_state(job, "cancelled")


def test_run_wait_stays_with_its_job_through_a_restart_of_the_server(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    stays = Installation(tmp_path, "--listen", address, "--simulate", "dgx-a100:1", "--no-agent")
    try:
        stays.start()
        script = "for i in $(seq 40); do echo line $i; sleep 0.2; done; exit 3"
        command = [str(nav_program()), "run", "--on", "cpu", "--wait", "--", "sh", "-c", script]
        out, told = tmp_path / "out", tmp_path / "told"
        with out.open("wb") as out_file, told.open("wb") as told_file:
            waiting = subprocess.Popen(command, env=stays.environment, stdout=out_file, stderr=told_file)
        wait_until("the log has begun", lambda: "line 1\n" in out.read_text())
        assert stays.server is not None
        stays.server.send_signal(signal.SIGINT)
        stays.server.wait(30)
        stays.start()
        assert waiting.wait(60) == 3, told.read_text()
        assert out.read_text() == "".join(f"line {i}\n" for i in range(1, 41)), "every line once, in order"
        assert "trying again until it answers" in told.read_text()
    finally:
        stays.stop()


def test_stop_jobs_ends_them(fresh: Installation) -> None:
    fresh.start()
    job = fresh.submit("--on", "cpu", "--", "sleep", "600")
    fresh.wait_for_state(job, "running")
    said = fresh.nav("down", "--stop-jobs", timeout=90)
    assert said.code == 0, said.err
    assert fresh.server is not None and fresh.server.wait(10) == 0
    fresh.server = None
    fresh.start()
    assert fresh.ask("job", str(job))["job"]["state"] == "cancelled"


def test_up_in_the_background_returns_once_it_serves(fresh: Installation) -> None:
    said = fresh.nav("up", "--background", "--data", fresh.data, "--listen", "127.0.0.1:0", *fresh.options, timeout=90)
    assert said.code == 0, said.err
    assert fresh.nav("jobs").code == 0
    again = fresh.nav("up", "--background", "--data", fresh.data, "--listen", "127.0.0.1:0", *fresh.options)
    assert (again.code, "runs already" in again.out) == (0, True)
    down = fresh.nav("down")
    assert down.code == 0, down.err
    assert fresh.nav("down").code == 4


def test_the_admins_token_is_the_owners_alone(fresh: Installation) -> None:
    fresh.start()
    for path in (fresh.data / "admin-token", fresh.data / "run/url"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE(fresh.data.stat().st_mode) & 0o066 == 0  # jobs pass through to their own folders


def test_a_port_in_use_is_named(fresh: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        said = fresh.nav("up", "--data", fresh.data, "--listen", address, "--no-agent")
    assert said.code != 0
    assert address.split(":")[1] in said.err


def test_two_installations_do_not_share_a_folder(fresh: Installation) -> None:
    fresh.start()
    said = fresh.nav("up", "--data", fresh.data, "--listen", "127.0.0.1:0", "--no-agent")
    assert said.code != 0
    assert str(fresh.data) in said.err
    assert fresh.nav("jobs").code == 0


def test_nav_works_inside_a_job_as_its_user(fresh: Installation) -> None:
    fresh.start()
    said = fresh.nav("run", "--on", "cpu", "--wait", "--", nav_program(), "whoami", "--json")
    assert said.code == 0, said.err + said.out
    assert said.json()["attempt"] == "1.1"


def test_the_answer_to_control_c_says_how_to_go_on(fresh: Installation) -> None:
    fresh.start()
    job = fresh.submit("--on", "cpu", "--", "sleep", "600")
    fresh.wait_for_state(job, "running")
    assert fresh.server is not None
    fresh.server.send_signal(signal.SIGINT)
    fresh.server.wait(30)
    fresh.server = None
    goodbye = fresh.log.read_text().splitlines()[-1]
    assert f"nav up --data {fresh.data}" in goodbye and "--stop-jobs" in goodbye
    fresh.start()
    wait_until("the job is there again", lambda: fresh.ask("job", str(job))["job"]["state"] == "running")


def test_every_address_is_served_with_tls_and_a_ca_of_its_own(tmp_path: Path) -> None:
    options = ("--listen", "0.0.0.0:0", "--agents-listen", "0.0.0.0:0", "--tls-name", "gpu.example.org", "--simulate", "dgx-a100:1", "--no-agent")
    open_to_all = Installation(tmp_path, *options)
    try:
        open_to_all.start()
        url = (open_to_all.data / "run/url").read_text()
        assert re.fullmatch(r"https://127\.0\.0\.1:\d+#sha256:[0-9a-f]{64}\n", url)
        join = open_to_all.nav("token", "create", "--join").out
        assert re.search(r"--join https://gpu\.example\.org:\d+#sha256:[0-9a-f]{64} ", join)
        said = open_to_all.nav("run", "--on", "mig-1g.5gb", "--wait", "--", nav_program(), "whoami", "--json")
        assert (said.code, said.json()["attempt"]) == (0, "1.1")
        without_ca = open_to_all.nav("jobs", NAV_URL=url.split("#")[0], NAV_TOKEN="x")
        assert without_ca.code in (5, 6), "a server nobody vouches for is not spoken with"
    finally:
        open_to_all.stop()


def test_help_needs_no_installation(fresh: Installation) -> None:
    done = subprocess.run([str(nav_program()), "run", "--help"], env=fresh.environment, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Run a command on the first compute of a list that is free\n")
