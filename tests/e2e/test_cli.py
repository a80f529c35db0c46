# SPDX-License-Identifier: Apache-2.0
"""Every command, against a whole installation."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

from installation import Installation, nav_program, wait_until

NODE = "dgx-a100-1"


def in_terminal(installation: Installation, *words: str, typed: list[tuple[str, str]], patience: float = 30) -> tuple[int, str]:
    """Runs a command at a terminal. Each pair of `typed`: once the first was printed, the second is typed."""
    pid, terminal = pty.fork()
    if pid == 0:
        program = str(nav_program())
        os.execve(program, [program, *words], installation.environment | {"TERM": "xterm"})
    shown, deadline = "", time.monotonic() + patience
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            shown += data.decode(errors="replace")
        if typed and typed[0][0] in shown:
            os.write(terminal, typed.pop(0)[1].encode())
    else:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown


# --- jobs


def test_run_prints_the_number_and_the_job_runs_on_a_slice(dgx: Installation) -> None:
    job = dgx.submit("--on", "mig-1g.5gb", "--name", "first", "--", "sh", "-c", "echo on $CUDA_VISIBLE_DEVICES")
    details = dgx.wait_for_state(job, "succeeded")
    assert details["job"]["on"] == "mig-1g.5gb"
    assert re.fullmatch(r"gpu\d 1g\.5gb@\d", details["job"]["place"])
    assert re.fullmatch(r"on MIG-[0-9a-f-]{36}\n", dgx.nav("logs", str(job)).out)


def test_run_wait_streams_the_log_and_exits_with_the_jobs_code(dgx: Installation) -> None:
    said = dgx.nav("run", "--on", "cpu", "--wait", "--", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert said.code == 7
    assert sorted(said.out.splitlines()) == ["err", "out"]
    assert re.match(r"nav: job \d+\n", said.err)


def test_run_wait_tells_how_a_job_without_a_code_ended(dgx: Installation) -> None:
    assert dgx.nav("run", "--on", "cpu", "--wait", "--", "sh", "-c", "kill -9 $$").code == 137
    assert dgx.nav("run", "--on", "cpu", "--wait", "--time-limit", "1s", "--", "sleep", "60").code == 124
    said = dgx.nav("run", "--on", "cpu", "--wait", "--", "/no/such/program")
    assert said.code == 125
    assert "/no/such/program" in said.err


def test_run_takes_environment_folder_and_limits(dgx: Installation) -> None:
    said = dgx.nav(
        *("run", "--on", "cpu", "--wait", "--env", "SEED=7", "--workdir", "/", "--memory", "256M", "--cpus", "0.5", "--name", "settings", "--"),
        *("sh", "-c", 'echo "$SEED $PWD $NAV_JOB_ID"'),
    )
    assert said.code == 0, said.err
    job = dgx.ask("jobs", "--name", "settings")["items"][0]
    assert said.out == f"7 / {job['id']}\n"
    request = dgx.ask("job", str(job["id"]))["request"]
    assert (request["memory_mib"], request["cpu_milli"]) == (256, 500)


def test_run_count_makes_jobs_alike_and_waits_for_all(dgx: Installation) -> None:
    said = dgx.nav("run", "--on", "mig-1g.5gb", "--count", "3", "--wait", "--", "true")
    assert said.code == 0, said.err
    numbers = [int(number) for number in re.findall(r"job (\d+) succeeded", said.out)]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert re.fullmatch(r"(\d+)-(\d+)\n", dgx.nav("run", "--on", "cpu", "--count", "2", "--", "true").out)


def test_run_tries_again_and_its_attempts_have_logs_of_their_own(dgx: Installation) -> None:
    said = dgx.nav("run", "--on", "cpu", "--retries", "1", "--wait", "--", "sh", "-c", "echo attempt $NAV_ATTEMPT; exit 1", timeout=120)
    assert said.code == 1
    job = dgx.ask("jobs", "--limit", "1")["items"][0]
    assert job["attempt"] == 2
    first, second = (dgx.nav("logs", f"{job['id']}.{attempt}").out for attempt in (1, 2))
    assert first.startswith("attempt ") and second.startswith("attempt ")
    assert said.out == first + second


def test_run_says_what_is_wrong_with_a_request(dgx: Installation) -> None:
    said = dgx.nav("run", "--on", "mig-1g.5g", "--", "true")
    assert said.code == 3
    assert 'mig-1g.5g"' in said.err and "  field: on[0]\n" in said.err and "mig-1g.5gb" in said.err.splitlines()[-1]
    said = dgx.nav("run", "--on", "cpu", "--image", "pytorch", "--", "true")
    assert (said.code, said.err.splitlines()[0]) == (3, "nav: running container images is not in this version")
    assert dgx.nav("run", "--", "true").code == 2


def test_control_c_asks_whether_the_job_runs_on(dgx: Installation) -> None:
    for answer, states in (("n", ("cancelled",)), ("y", ("running", "starting"))):
        words = ("run", "--on", "cpu", "--wait", "--name", f"asked-{answer}", "--", "sh", "-c", "echo begun; sleep 60")
        code, shown = in_terminal(dgx, *words, typed=[("begun\r\n", "\x03"), ("[Y/n]", answer + "\r")])
        assert code == 130, shown
        job = dgx.ask("jobs", "--name", f"asked-{answer}")["items"][0]["id"]
        dgx.wait_for_state(job, *states)
        dgx.nav("cancel", str(job))


def test_logs_follow_until_the_job_is_over(dgx: Installation) -> None:
    job = dgx.submit("--on", "cpu", "--", "sh", "-c", "for i in 1 2 3; do echo line $i; sleep 0.3; done")
    said = dgx.nav("logs", "-f", str(job))
    assert (said.code, said.out) == (0, "line 1\nline 2\nline 3\n")
    assert dgx.nav("logs", str(job)).out == said.out
    assert dgx.nav("logs", "999999").code == 4


def test_logs_are_printed_whole_however_long(dgx: Installation) -> None:
    job = dgx.submit("--on", "cpu", "--", "seq", "300000")
    dgx.wait_for_state(job, "succeeded")
    expected = "".join(f"{i}\n" for i in range(1, 300001))
    wait_until("the log has come", lambda: dgx.nav("logs", str(job)).out == expected)


def test_jobs_lists_new_to_old_by_state_and_name(dgx: Installation) -> None:
    old = dgx.submit("--on", "cpu", "--name", "listed", "--", "true")
    new = dgx.submit("--on", "cpu", "--name", "listed", "--", "sleep", "60")
    dgx.wait_for_state(old, "succeeded")
    dgx.wait_for_state(new, "running")
    assert [job["id"] for job in dgx.ask("jobs", "--name", "listed")["items"]] == [new, old]
    assert [job["id"] for job in dgx.ask("jobs", "--name", "listed", "--state", "running,queued")["items"]] == [new]
    shown = dgx.nav("jobs", "--name", "listed").out.splitlines()
    assert shown[0].split()[:4] == ["ID", "NAME", "STATE", "ON"]
    assert shown[1].split()[:4] == [str(new), "listed", "running", "cpu"]
    first = dgx.ask("jobs", "--name", "listed", "--limit", "1")
    assert [job["id"] for job in dgx.ask("jobs", "--name", "listed", "--cursor", first["next"])["items"]] == [old]
    dgx.nav("cancel", str(new))


def test_job_shows_what_it_wants_has_and_did(dgx: Installation) -> None:
    job = dgx.submit("--on", "cpu", "--name", "shown", "--", "sh", "-c", "exit 3")
    dgx.wait_for_state(job, "failed")
    shown = dgx.nav("job", str(job)).out
    assert re.search(rf"^job +{job} shown$", shown, re.M)
    assert re.search(r"^state +failed \(3\)$", shown, re.M)
    assert re.search(r"^command +sh -c 'exit 3'$", shown, re.M)
    assert "JobPlaced" in shown
    assert dgx.nav("job", "999999").code == 4


def test_cancel_ends_what_runs_and_what_waits(dgx: Installation) -> None:
    running = dgx.submit("--on", "a100-x8", "--", "sleep", "600")
    dgx.wait_for_state(running, "running")
    waiting = dgx.submit("--on", "a100-x8", "--count", "3", "--", "true")
    said = dgx.nav("cancel", str(running), f"{waiting}-{waiting + 2}")
    assert said.code == 0, said.err
    assert said.out.splitlines() == [f"{job} cancelled" for job in range(waiting + 2, waiting - 1, -1)] + [f"{running} told to end"]
    dgx.wait_for_state(running, "cancelled")
    again = dgx.nav("cancel", str(running))
    assert (again.code, f"job {running} is over" in again.err) == (3, True)


def test_why_names_who_holds_what_is_missing(dgx: Installation) -> None:
    holder = dgx.submit("--on", "a100-x8", "--", "sleep", "600")
    dgx.wait_for_state(holder, "running")
    waiting = dgx.submit("--on", "mig-1g.5gb", "--", "true")
    why = dgx.ask("why", str(waiting))
    assert why["state"] == "queued" and why["sentence"]
    assert [rung["on"] for rung in why["rungs"]] == ["mig-1g.5gb"]
    shown = dgx.nav("why", str(waiting)).out
    assert shown.startswith(f"job {waiting} waits: ")
    dgx.nav("cancel", str(holder))
    dgx.wait_for_state(waiting, "succeeded")
    assert dgx.nav("why", str(waiting)).code == 0


# --- the pool


def test_pool_and_top_show_gpus_and_who_has_them(dgx: Installation) -> None:
    job = dgx.submit("--on", "mig-3g.20gb", "--", "sleep", "600")
    dgx.wait_for_state(job, "running")
    for command in ("pool", "top"):
        shown = dgx.nav(command).out
        assert re.search(rf"3g\.20gb@[04] +#{job}\b", shown), shown
        assert NODE in shown and "A100-SXM4-40GB" in shown
        assert "\x1b" not in shown
    pool = dgx.ask("pool")
    assert pool["boards"][0]["gpus"] == 8
    dgx.nav("cancel", str(job))
    dgx.wait_for_state(job, "cancelled")


def test_top_redraws_on_a_terminal_until_q(dgx: Installation) -> None:
    code, shown = in_terminal(dgx, "top", "--every", "200ms", typed=[("Nodes: 1 ready", "q")])
    assert code == 0
    assert "\x1b[?1049h" in shown and shown.endswith("\x1b[?1049l")


def test_nodes_lists_and_node_shows(dgx: Installation) -> None:
    assert [node["name"] for node in dgx.ask("nodes")["items"]] == [NODE]
    assert re.search(rf"^{NODE} +ready .*8 x A100-SXM4-40GB", dgx.nav("nodes").out, re.M)
    assert len(dgx.ask("node", "show", NODE)["gpus"]) == 8
    shown = dgx.nav("node", "show", NODE).out
    assert re.search(r"^GPUs +8 x A100-SXM4-40GB$", shown, re.M)
    assert dgx.nav("node", "show", "nobody").code == 4


def test_a_drained_node_takes_no_jobs_until_it_is_resumed(dgx: Installation) -> None:
    assert dgx.ask("node", "drain", NODE, "-m", "new memory")["draining"] is True
    assert "new memory" in dgx.nav("nodes").out
    job = dgx.submit("--on", "cpu", "--", "true")
    assert dgx.ask("why", str(job))["state"] == "queued"
    assert dgx.ask("node", "resume", NODE)["draining"] is False
    dgx.wait_for_state(job, "succeeded")


def test_a_node_that_answers_is_not_lost(dgx: Installation) -> None:
    assert dgx.nav("node", "lost", NODE).code == 3  # nobody at the terminal, and no --yes
    said = dgx.nav("node", "lost", NODE, "--yes")
    assert said.code == 3, said.err
    assert dgx.ask("node", "show", NODE)["state"] == "ready"


def test_policy_keeps_a_gpu_whole(dgx: Installation) -> None:
    assert dgx.ask("node", "policy", NODE, "7", "whole")["gpus"][7]["policy"] == "whole"
    assert "(whole)" in dgx.nav("pool").out
    assert dgx.ask("node", "policy", NODE, "7", "managed")["gpus"][7]["policy"] == "managed"
    assert dgx.nav("node", "policy", NODE, "99", "whole").code in (3, 4)
    assert dgx.nav("node", "policy", NODE, "7", "shared").code == 2


def test_an_xid_moves_the_job_and_sets_its_slice_aside_until_it_is_taken_back(dgx: Installation) -> None:
    job = dgx.submit("--on", "mig-2g.10gb", "--", "sleep", "600")
    place = dgx.wait_for_state(job, "running")["job"]["place"]
    gpu, placement = re.fullmatch(r"gpu(\d) (2g\.10gb@\d)", place).groups()  # type: ignore[union-attr]
    said = dgx.nav("sim", "fault", NODE, "--gpu", gpu, "--xid", "95", "--slice", placement)
    assert said.code == 0, said.err

    def aside() -> bool:
        slices = dgx.ask("node", "show", NODE)["gpus"][int(gpu)]["slices"]
        return any(one["placement"] == placement and one["state"] == "set_aside" for one in slices)

    wait_until("the slice is set aside", aside)
    assert "aside" in dgx.nav("pool").out
    wait_until("the job was moved on", lambda: dgx.ask("job", str(job))["job"]["attempt"] == 2)
    assert dgx.wait_for_state(job, "running")["job"]["place"] != place
    dgx.nav("cancel", str(job))
    dgx.wait_for_state(job, "cancelled")
    wait_until("the slice can be taken back", lambda: dgx.nav("node", "take-back", NODE, gpu, placement).code == 0)
    wait_until("the slice is back", lambda: not aside())


def test_a_person_sets_aside_what_is_then_given_to_nobody_until_it_is_taken_back(dgx: Installation) -> None:
    job = dgx.submit("--on", "mig-2g.10gb", "--", "sleep", "600")
    place = dgx.wait_for_state(job, "running")["job"]["place"]
    gpu, placement = re.fullmatch(r"gpu(\d) (2g\.10gb@\d)", place).groups()  # type: ignore[union-attr]
    assert dgx.nav("node", "set-aside", NODE, gpu, placement).code == 3, "a reason is due"
    said = dgx.nav("node", "set-aside", NODE, gpu, placement, "-m", "its fan is loud")
    assert said.code == 0 and f"{placement} set aside: by hand: its fan is loud (#{job} runs on)" in said.out, said.out + said.err
    assert dgx.ask("job", str(job))["job"]["state"] == "running"
    refused = dgx.nav("node", "set-aside", NODE, gpu, "7g.80gb@0", "-m", "no such slice")
    assert refused.code != 0 and "there is no slice 7g.80gb@0" in refused.err and placement in refused.err
    dgx.nav("cancel", str(job))
    dgx.wait_for_state(job, "cancelled")
    after = [one for one in dgx.ask("node", "show", NODE)["gpus"][int(gpu)]["slices"] if one["placement"] == placement]
    assert [one["state"] for one in after] == ["set_aside"] and "holder" not in after[0]
    assert dgx.nav("node", "take-back", NODE, gpu, placement).code == 0


def test_templates_are_there_for_what_is_in_the_pool(dgx: Installation) -> None:
    names = [one["name"] for one in dgx.ask("templates")["items"]]
    assert {"cpu", "mig-1g.5gb", "mig-7g.40gb", "a100", "a100-x2", "a100-x8"} <= set(names)
    assert re.search(r"^mig-1g\.5gb +a slice 1g\.5gb ", dgx.nav("templates").out, re.M)


def test_events_show_what_happened_and_follow_what_happens(dgx: Installation) -> None:
    job = dgx.submit("--on", "cpu", "--", "true")
    dgx.wait_for_state(job, "succeeded")
    shown = dgx.nav("events", "--job", str(job)).out
    for kind in ("JobsQueued", "JobPlaced", "JobEnded"):
        assert kind in shown
    command = [str(nav_program()), "events", "-f", "-n", "0", "--kind", "JobsQueued", "--json"]
    follower = subprocess.Popen(command, env=dgx.environment, stdout=subprocess.PIPE, text=True)
    try:
        assert follower.stdout is not None
        line = ""
        for _ in range(50):  # the stream begins when it is there: submit until it tells
            dgx.submit("--on", "cpu", "--", "true")
            if select.select([follower.stdout], [], [], 0.2)[0]:
                line = follower.stdout.readline()
                break
        assert '"kind":"JobsQueued"' in line
    finally:
        follower.kill()
        follower.communicate()


# --- people


def test_people_projects_and_tokens(dgx: Installation) -> None:
    assert dgx.ask("team", "add", "research")["name"] == "research"
    assert dgx.ask("user", "add", "ada")["role"] == "member"
    assert dgx.nav("user", "add", "ada").code == 3
    assert dgx.ask("project", "add", "vision", "--team", "research")["team"] == "research"
    assert dgx.ask("project", "members", "vision", "--add", "ada")["members"] == ["ada"]
    made = dgx.nav("token", "create", "laptop", "--user", "ada", "--valid-for", "1h")
    assert made.code == 0, made.err
    as_ada: dict[str, Any] = {"NAV_URL": (dgx.data / "run/url").read_text().strip(), "NAV_TOKEN": made.out.strip()}

    assert dgx.nav("whoami", "--json", **as_ada).json()["user"] == "ada"
    said = dgx.nav("run", "--on", "cpu", "--project", "vision", "--wait", "--", "true", **as_ada)
    assert said.code == 0, said.err
    assert dgx.nav("user", "list", **as_ada).code == 5
    assert [project["name"] for project in dgx.nav("project", "list", "--json", **as_ada).json()["items"]] == ["vision"]

    assert dgx.ask("user", "change", "ada", "--role", "viewer")["role"] == "viewer"
    assert dgx.nav("run", "--on", "cpu", "--project", "vision", "--", "true", **as_ada).code == 5
    token = next(one["id"] for one in dgx.ask("token", "list")["items"] if one["name"] == "laptop")
    assert dgx.nav("token", "revoke", token).code == 0
    assert dgx.nav("whoami", **as_ada).code == 5
    audit = dgx.nav("audit").out
    for did in ("UserSet", "ProjectSet", "TokenMade", "TokenRevoked"):
        assert did in audit
    assert made.out.strip() not in audit
    assert re.search(r"^ada +viewer ", dgx.nav("user", "list").out, re.M)
    assert re.search(r"^vision +research .*ada", dgx.nav("project", "list").out, re.M)
    assert "research" in dgx.nav("team", "list").out


def test_token_create_join_prints_what_to_run(dgx: Installation) -> None:
    said = dgx.nav("token", "create", "rack-7", "--join")
    assert said.code == 0, said.err
    first, second = said.out.splitlines()
    assert re.fullmatch(r"echo \S+ > join-token", first)
    assert re.fullmatch(r"nav agent --join https://\S+:\d+#sha256:[0-9a-f]{64} --token-file join-token", second)


def test_login_keeps_a_token_that_was_tried(dgx: Installation, tmp_path: Path) -> None:
    url = (dgx.data / "run/url").read_text().strip()
    home: dict[str, Any] = {"HOME": str(tmp_path), "NAV_DATA": ""}
    refused = dgx.nav("login", url, stdin="nav_wrong\n", **home)
    assert refused.code == 5
    token = dgx.nav("token", "create", "desk").out
    said = dgx.nav("login", url, stdin=token, **home)
    assert said.code == 0, said.err
    kept = tmp_path / ".config/opennav/login.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert dgx.nav("whoami", **home).code == 0
    assert dgx.nav("logout", **home).code == 0
    assert not kept.exists()


# --- the program itself


def test_version_shows_both_sides(dgx: Installation) -> None:
    versions = dgx.ask("version")
    assert versions["nav"] == versions["server"]["version"]
    assert dgx.nav("--version").out.startswith("nav ")


def test_exit_codes_tell_who_is_to_blame(dgx: Installation) -> None:
    assert dgx.nav("jobs", "--limti", "3").code == 2
    assert dgx.nav("jobs", "--limit", "100000").code == 3
    assert dgx.nav("job", "999999").code == 4
    assert dgx.nav("jobs", NAV_URL=(dgx.data / "run/url").read_text().strip(), NAV_TOKEN="nav_wrong").code == 5
    nobody = dgx.nav("jobs", NAV_URL="http://127.0.0.1:9", NAV_TOKEN="x")
    assert nobody.code == 6
    assert nobody.err.startswith("nav: ")


def test_completion_knows_names_of_the_server(dgx: Installation) -> None:
    script = (
        'source <("$NAV" completion bash); COMP_WORDS=("$NAV" run --on mig-7); COMP_CWORD=3; _nav; echo "${COMPREPLY[*]}";'
        ' COMP_WORDS=("$NAV" node drain ""); COMP_CWORD=3; _nav; echo "${COMPREPLY[*]}"'
    )
    done = subprocess.run(["bash", "-c", script], env=dgx.environment | {"NAV": str(nav_program())}, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["mig-7g.40gb", NODE]


def test_sim_lists_points_and_reboots(dgx: Installation) -> None:
    assert NODE in dgx.nav("sim", "list").out
    env = dgx.nav("sim", "env", NODE).out
    assert "LD_LIBRARY_PATH" in env and "NAV_NVMLSIM_STATE" in env
    assert dgx.nav("sim", "env", "nobody").code == 4
    assert dgx.nav("sim", "clear", NODE).code == 0


def test_doctor_reports_without_changing_anything(dgx: Installation) -> None:
    findings = dgx.nav("doctor", "--json")
    assert findings.code in (0, 1)
    assert {"rights", "driver", "cgroups", "disk", "service"} <= {one["about"] for one in findings.json()}


def test_doctor_names_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # somebody else has it: as good
            taken.bind(("127.0.0.1", 8440))
            taken.listen()
        port = next(one for one in Installation(tmp_path).nav("doctor", "--json").json() if one["about"] == "port")
    assert port["verdict"] == "limited" and "another program listens there" in port["found"], port
    assert "--listen" in port["remedy"], port


def test_nothing_runs_in_an_empty_folder(tmp_path: Path) -> None:
    empty = Installation(tmp_path)
    said = empty.nav("jobs")
    assert said.code == 6
    assert said.err.splitlines()[0] == f"nav: no server is running in {tmp_path}/data, and none is named"
    assert empty.nav("down").code == 4
