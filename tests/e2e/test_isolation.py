# SPDX-License-Identifier: Apache-2.0
"""What a job is, sees and may do: it is not trusted, and its neighbours are not either."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from installation import Installation, wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs jobs as other users")

NVML = r"""
import os, time, pynvml
pynvml.nvmlInit()
mine = os.environ["CUDA_VISIBLE_DEVICES"]
handle = pynvml.nvmlDeviceGetHandleByUUID(mine)
print(pynvml.nvmlDeviceGetName(handle), pynvml.nvmlDeviceGetMemoryInfo(handle).total >> 20, pynvml.nvmlDeviceGetUUID(handle) == mine, flush=True)
gpu = pynvml.nvmlDeviceGetDeviceHandleFromMigDeviceHandle(handle)
try:
    pynvml.nvmlDeviceSetMigMode(gpu, 0)
except pynvml.NVMLError as error:
    print(type(error).__name__, flush=True)
time.sleep(600)
"""


def ask(url: str, token: str, path: str) -> tuple[int, Any]:
    """Asks the API as the holder of a token; the status and the body."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url + path, headers={"Authorization": f"Bearer {token}"}), timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def said_by(one: Installation, script: str, *options: str) -> str:
    """What a job says that runs this shell script to its end on plain processors."""
    said = one.nav("run", "--on", "cpu", "--wait", *options, "--", "sh", "-c", script, timeout=120)
    assert said.code == 0, said.err + said.out
    return said.out


def attempt_folder(one: Installation, job: int) -> Path:
    """The folder of the running attempt."""
    return next(iter(one.data.glob(f"nodes/*/jobs/{job}.1")))


@pytest.fixture(scope="module")
def neighbour(dgx: Installation) -> int:
    """Another job, which runs all the while and has a secret in its environment."""
    job = dgx.submit("--on", "cpu", "--env", "PASSWORD=of-the-neighbour", "--", "sh", "-c", "echo $$ up; exec sleep 3000")
    dgx.wait_for_state(job, "running")
    wait_until("it speaks", lambda: "up" in dgx.nav("logs", str(job)).out)
    return job


def test_a_job_is_a_user_of_its_own_without_privileges(dgx: Installation, neighbour: int) -> None:
    said = said_by(dgx, "id -u; grep NoNewPrivs /proc/self/status; grep CapEff /proc/self/status; touch /etc/mine || echo cannot").split()
    uid = int(said[0])
    assert uid >= 0x70000000
    assert said[1:] == ["NoNewPrivs:", "1", "CapEff:", "0000000000000000", "touch:", *said[6:-1], "cannot"]
    uid_next_door = (attempt_folder(dgx, neighbour) / "work").stat().st_uid
    assert uid != uid_next_door


def test_a_job_sees_nothing_of_the_installation_but_its_own(dgx: Installation, neighbour: int) -> None:
    node = attempt_folder(dgx, neighbour).parents[1]
    wanted = [dgx.data / "admin-token", dgx.data / "secret", dgx.data / "ca-key.pem", node / f"jobs/{neighbour}.1/token", node / f"jobs/{neighbour}.1/spec"]
    wanted += [path for path in dgx.data.glob("*.db*")] + [path for path in node.iterdir() if path.is_file()]
    for path in wanted:
        assert path.exists(), path
    words = " ".join(map(str, wanted))
    folders = f"{dgx.data} {dgx.data}/nodes {node} {node}/jobs"
    said = said_by(dgx, f"for f in {words}; do test -e $f && echo SEES $f; done; cat {words}; ls -A {folders}; touch {dgx.data}/x; true")
    assert "SEES" not in said
    assert said.count("No such file or directory") == len(wanted), said
    seen = [line for line in said.splitlines() if line and not line.startswith(("/", "cat:", "touch:"))]
    own = seen.pop()
    assert own.endswith(".1") and own != f"{neighbour}.1"
    assert seen == ["nodes", node.name, "driver", "jobs"], said
    assert not (dgx.data / "x").exists()


def test_a_token_lies_in_a_file_of_the_jobs_user_alone(dgx: Installation, neighbour: int) -> None:
    token = attempt_folder(dgx, neighbour) / "token"
    assert token.stat().st_mode & 0o777 == 0o600
    assert token.stat().st_uid == (attempt_folder(dgx, neighbour) / "work").stat().st_uid


def test_a_job_sees_and_signals_its_own_processes_only(dgx: Installation, neighbour: int) -> None:
    pid = wait_until("the neighbour's process", lambda: next((p for p in pids_with(b"PASSWORD=of-the-neighbour")), None))
    look = "cat /proc/*/environ | tr '\\0' '\\n' | grep -c PASSWORD; ls -d /proc/[0-9]* | wc -l"
    said = said_by(dgx, f"kill -9 {pid} || echo cannot; kill -9 -1; cat /proc/{pid}/environ; {look}")
    assert "cannot" in said and "of-the-neighbour" not in said
    assert said.split()[-2] == "0", "somebody's environment"
    assert int(said.split()[-1]) < 8, "only its own processes"
    assert dgx.ask("job", str(neighbour))["job"]["state"] == "running"
    assert Path(f"/proc/{pid}").exists()


def pids_with(variable: bytes) -> list[int]:
    """Processes with this in their environment that are not the supervisor, which is somebody else's child."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and variable in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def test_its_token_is_for_it_alone_and_ends_with_it(dgx: Installation, neighbour: int) -> None:
    job = dgx.submit("--on", "cpu", "--", "sh", "-c", "stat -c '%a %u' $NAV_TOKEN_FILE; id -u; cat $NAV_TOKEN_FILE; echo; echo $NAV_URL; exec sleep 600")
    lines = wait_until("it has said all", lambda: (found := dgx.nav("logs", str(job)).out.splitlines())[3:] and found)
    assert lines[0] == f"600 {lines[1]}"
    token, url = lines[2], lines[3]
    assert ask(url, token, f"/v1/jobs/{job}")[0] == 200
    assert ask(url, token, "/v1/tokens")[0] in (403, 404), "it may not look at tokens"
    status, _ = ask(url, token + "x", f"/v1/jobs/{job}")
    assert status == 401
    dgx.nav("cancel", str(job))
    dgx.wait_for_state(job, "cancelled")
    wait_until("its token is refused", lambda: ask(url, token, f"/v1/jobs/{job}")[0] == 401)


def test_a_job_asks_nvml_about_its_slice_and_cannot_change_it(dgx: Installation) -> None:
    site = next(path for path in sys.path if (Path(path) / "pynvml.py").exists())
    python = os.environ.get("NAV_JOB_PYTHON", "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable)
    job = dgx.submit("--on", "mig-2g.10gb", "--env", f"PYTHONPATH={site}", "--", python, "-c", NVML)
    dgx.wait_for_state(job, "running")
    said = wait_until("it has looked", lambda: (lines := dgx.nav("logs", str(job)).out.splitlines())[1:] and lines)
    assert said[0].startswith("NVIDIA A100-SXM4-40GB MIG 2g.10gb ") and said[0].endswith(" True"), said
    assert said[1] == "NVMLError_NoPermission"

    # Seen from outside, its process is on its instance, and on no other.
    node = dgx.ask("nodes")["items"][0]["name"]
    driver = {line.split("=", 1)[0].removeprefix("export "): line.split("=", 1)[1].strip("'") for line in dgx.nav("sim", "env", node).out.splitlines()}
    script = (
        "import pynvml as n\nn.nvmlInit()\n"
        "for i in range(n.nvmlDeviceGetCount()):\n"
        "  for p in n.nvmlDeviceGetComputeRunningProcesses(n.nvmlDeviceGetHandleByIndex(i)): print(p.pid, p.gpuInstanceId)\n"
    )
    import subprocess

    seen = subprocess.run([sys.executable, "-c", script], env=os.environ | driver, capture_output=True, text=True, check=True).stdout.split()
    uid = (attempt_folder(dgx, job) / "work").stat().st_uid
    assert len(seen) == 2 and os.stat(f"/proc/{seen[0]}").st_uid == uid
    dgx.nav("cancel", str(job))
    dgx.wait_for_state(job, "cancelled")
