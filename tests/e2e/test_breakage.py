# SPDX-License-Identifier: Apache-2.0
"""Disks, files, GPUs and people that misbehave: what is said about it, and that all else goes on."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from installation import Installation, nav_program, wait_until

NODE = "dgx-a100-1"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", place], capture_output=True, check=False).returncode != 0:
        pytest.skip("only root makes disks")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def gpus(one: Installation) -> Any:
    return one.ask("pool")["nodes"][0]["gpus"]


def placed(job: Any) -> tuple[int, str]:
    """Out of "gpu0 1g.5gb@4"."""
    gpu, placement = job["place"].split()
    return int(gpu.removeprefix("gpu")), placement


def where(one: Installation, job: int) -> tuple[int, str]:
    """The GPU and the placement of a running job."""
    return placed(one.ask("job", str(job))["job"])


def running(one: Installation, on: str, *options: str) -> int:
    job = one.submit("--on", on, *options, "--", "sh", "-c", "echo up; exec sleep 3000")
    one.wait_for_state(job, "running")
    return job


def second_attempt(one: Installation, job: int) -> Any:
    return wait_until("a second attempt runs", lambda: (found := one.ask("job", str(job))["job"])["state"] == "running" and found["attempt"] == 2 and found, 60)


def end(one: Installation, *jobs: int) -> None:
    for job in jobs:
        one.nav("cancel", str(job))
    for job in jobs:
        one.wait_for_state(job, "cancelled", "failed", "lost")


def ask_driver(one: Installation, script: str) -> str:
    """What a stranger does with NVIDIA's own Python bindings."""
    words = (line.removeprefix("export ").split("=", 1) for line in one.nav("sim", "env", NODE).out.splitlines())
    driver = {name: value.strip("'") for name, value in words}
    preamble = "import pynvml as n\nn.nvmlInit()\ngpu = lambda i: n.nvmlDeviceGetHandleByIndex(i)\n"
    done = subprocess.run([sys.executable, "-c", preamble + script], env=os.environ | driver, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


# Files and folders


def test_a_data_folder_of_a_newer_version_is_left_alone(fresh: Installation) -> None:
    fresh.start()
    fresh.stop()
    journal = fresh.data / "journal.db"
    with sqlite3.connect(journal) as database:
        database.execute("UPDATE meta SET value = value + 1 WHERE key = 'format'")
    database.close()
    before = journal.read_bytes()
    said = fresh.nav("up", "--data", fresh.data, "--listen", "127.0.0.1:0", "--no-agent")
    assert said.code != 0
    assert "newer" in said.err and str(fresh.data) in said.err
    assert journal.read_bytes() == before


def test_a_journal_that_went_away_is_not_begun_anew_beside_its_nodes(fresh: Installation) -> None:
    fresh.start()
    fresh.stop()
    for piece in fresh.data.glob("journal.db*"):
        piece.unlink()
    said = fresh.nav("up", "--data", fresh.data, "--listen", "127.0.0.1:0", "--no-agent")
    assert said.code != 0
    assert "journal" in said.err and "backup" in said.err


def test_what_another_user_may_not_see_is_not_said_to_be_absent(fresh: Installation) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root becomes somebody else")
    fresh.start()

    def nobody_says(*words: str) -> subprocess.CompletedProcess[str]:
        try:
            command = [nav_program(), *words, "--data", fresh.data]
            return subprocess.run(command, env=fresh.environment, user=65534, group=65534, extra_groups=[], capture_output=True, text=True, check=False)
        except PermissionError:
            pytest.skip("others cannot reach the program here")

    for command in (["down"], ["sim", "list"]):
        said = nobody_says(*command)
        assert said.returncode != 0 and "sudo" in said.stderr, said
    said = nobody_says("doctor")
    assert "nothing runs" not in said.stdout and "sudo" in said.stdout, said


def test_a_machine_that_reboots_takes_its_processes_with_it(fresh: Installation) -> None:
    fresh.start()
    job = fresh.submit("--on", "mig-1g.5gb", "--restartable", "--", "sleep", "27182")
    fresh.wait_for_state(job, "running")
    (pid,) = wait_until("it sleeps", lambda: subprocess.run(["pgrep", "-f", "^sleep 27182$"], capture_output=True, text=True, check=False).stdout.split())
    fresh.nav("sim", "reboot", NODE)
    wait_until("its process is gone", lambda: not Path(f"/proc/{pid}").exists())
    second_attempt(fresh, job)
    end(fresh, job)


def test_views_that_broke_are_made_anew(fresh: Installation) -> None:
    fresh.start()
    job = fresh.submit("--on", "cpu", "--name", "before", "--", "true")
    fresh.wait_for_state(job, "succeeded")
    fresh.stop()
    views = fresh.data / "views.db"
    views.write_bytes(os.urandom(20000))
    for leftover in fresh.data.glob("views.db-*"):
        leftover.unlink()
    fresh.start()
    found = wait_until("history is there again", lambda: fresh.ask("jobs", "--state", "succeeded")["items"])
    assert [item["name"] for item in found] == ["before"]


def test_a_full_disk_loses_nothing_that_was_acknowledged(small_disk: Path) -> None:
    one = Installation(small_disk, "--simulate", "a30:1", "--no-agent")
    ballast = small_disk / "ballast"
    try:
        one.start()
        first = one.submit("--on", "mig-1g.6gb", "--", "sh", "-c", "while ! test -e enough; do sleep 0.1; done; echo over")
        one.wait_for_state(first, "running")
        with ballast.open("wb", buffering=0) as rest:
            try:
                while rest.write(bytes(4096)):
                    pass
            except OSError:
                pass
        acknowledged = []
        refusal = None
        for number in range(3000):
            said = one.nav("run", "--on", "cpu", "--env", "FILL=" + "x" * 50_000, "--", "sh", "-c", f"echo {number}")
            if said.code != 0:
                refusal = said
                break
            acknowledged.append(int(said.out.split("-")[0]))
        assert refusal is not None and refusal.code == 1, "a full disk is no fault of the command"
        assert "full" in refusal.err or "space" in refusal.err, refusal.err
        assert one.server is not None and one.server.poll() is None, one.log.read_text()
        assert one.ask("job", str(first))["job"]["state"] == "running"

        ballast.unlink()
        (next(one.data.glob(f"nodes/*/jobs/{first}.1")) / "work/enough").touch()
        one.wait_for_state(first, "succeeded")
        again = wait_until("jobs are taken again", lambda: (said := one.nav("run", "--on", "cpu", "--", "true")).code == 0 and said.out)
        one.wait_for_state(int(again.split("-")[0]), "succeeded", patience=120)
        for job in acknowledged:
            one.wait_for_state(job, "succeeded", patience=120)
    finally:
        ballast.unlink(missing_ok=True)
        one.stop()


def test_a_board_nobody_knows_is_refused_with_the_nearest_names(fresh: Installation) -> None:
    said = fresh.nav("up", "--data", fresh.data, "--listen", "127.0.0.1:0", "--no-agent", "--simulate", "dgx-a10:2")
    assert said.code != 0
    assert "dgx-a10" in said.err and "dgx-a100" in said.err


# GPUs


def test_an_error_on_a_slice_costs_its_job_and_nobody_else(dgx: Installation) -> None:
    jobs = [running(dgx, "mig-1g.5gb") for _ in range(3)]
    gpu, placement = where(dgx, jobs[0])
    assert {where(dgx, job)[0] for job in jobs} == {gpu}, "packed on one GPU"
    assert dgx.nav("sim", "fault", NODE, "--gpu", str(gpu), "--xid", "94", "--slice", placement).code == 0
    moved = second_attempt(dgx, jobs[0])  # it costs no retry: the hardware failed, and not the job
    assert placed(moved) != (gpu, placement)
    slices = {s["placement"]: s for s in gpus(dgx)[gpu]["slices"]}
    assert slices[placement]["state"] == "set_aside" and "94" in slices[placement]["reason"], slices
    for job in jobs[1:]:
        after = dgx.ask("job", str(job))["job"]
        assert (after["state"], after["attempt"]) == ("running", 1)
    said = dgx.nav("node", "take-back", NODE, str(gpu), placement)
    assert said.code == 0, said.err
    wait_until("it is back", lambda: all(s["state"] != "set_aside" for s in gpus(dgx)[gpu]["slices"]))
    end(dgx, *jobs)


def test_an_error_that_the_program_caused_sets_nothing_aside(dgx: Installation) -> None:
    job = running(dgx, "mig-1g.5gb")
    gpu, placement = where(dgx, job)
    dgx.nav("sim", "fault", NODE, "--gpu", str(gpu), "--xid", "31", "--slice", placement)
    dgx.wait_for_state(job, "failed")
    assert "an error of its program" in dgx.nav("job", str(job)).out
    assert all(s["state"] != "set_aside" for g in gpus(dgx) for s in g["slices"])


def test_an_instance_the_driver_refuses_is_made_elsewhere(fresh: Installation) -> None:
    fresh.start()
    first = running(fresh, "mig-1g.5gb")
    gpu, _ = where(fresh, first)
    fresh.nav("sim", "fault", NODE, "--gpu", str(gpu), "--refuse-create", "1000")
    job = fresh.submit("--on", "mig-3g.20gb", "--", "sleep", "3000")
    moved = second_attempt(fresh, job)  # packed beside the first, until the driver refused
    assert placed(moved)[0] != gpu
    aside = gpus(fresh)[gpu]
    assert aside["state"] == "set_aside" and "Insufficient Resources" in aside["reason"]
    assert fresh.ask("job", str(first))["job"]["attempt"] == 1
    fresh.nav("sim", "clear", NODE)
    wait_until("the GPU is taken back by itself", lambda: gpus(fresh)[gpu]["state"] == "idle", 60)


def test_an_idle_instance_that_somebody_destroyed_is_healed(dgx: Installation) -> None:
    first = running(dgx, "mig-2g.10gb")
    gpu, placement = where(dgx, first)
    end(dgx, first)
    before = [s["placement"] for s in gpus(dgx)[gpu]["slices"]]
    destroyed = ask_driver(
        dgx,
        f"""
import ctypes
for profile in range(n.NVML_GPU_INSTANCE_PROFILE_COUNT):
    try: info = n.nvmlDeviceGetGpuInstanceProfileInfo(gpu({gpu}), profile)
    except n.NVMLError: continue
    found, count = (n.c_nvmlGpuInstance_t * 16)(), ctypes.c_uint(16)
    n.nvmlDeviceGetGpuInstances(gpu({gpu}), info.id, found, ctypes.byref(count))
    for instance in found[:count.value]:
        for kind in range(n.NVML_COMPUTE_INSTANCE_PROFILE_COUNT):
            try: inner = n.nvmlGpuInstanceGetComputeInstanceProfileInfo(instance, kind, 0)
            except n.NVMLError: continue
            computes, of = (n.c_nvmlComputeInstance_t * 8)(), ctypes.c_uint(8)
            n.nvmlGpuInstanceGetComputeInstances(instance, inner.id, computes, ctypes.byref(of))
            for compute in computes[:of.value]: n.nvmlComputeInstanceDestroy(compute)
        n.nvmlGpuInstanceDestroy(instance)
        print("destroyed")
""",
    )
    assert destroyed.count("destroyed") == len(before)
    # Whether it is made again or forgotten, what the pool says is there again within ten seconds, and a job runs on it.
    wait_until("the pool tells the truth", lambda: len(gpus(dgx)[gpu]["slices"]) == instances_of(dgx, gpu), 15)
    again = running(dgx, "mig-2g.10gb")
    end(dgx, again)


def instances_of(one: Installation, gpu: int) -> int:
    """How many MIG devices the driver says there are on a GPU."""
    script = f"""
count = 0
for i in range(n.nvmlDeviceGetMaxMigDeviceCount(gpu({gpu}))):
    try: n.nvmlDeviceGetMigDeviceHandleByIndex(gpu({gpu}), i); count += 1
    except n.NVMLError: pass
print(count)
"""
    return int(ask_driver(one, script))


def test_an_instance_that_a_stranger_made_does_not_stay(dgx: Installation) -> None:
    job = running(dgx, "mig-1g.5gb")
    gpu, placement = where(dgx, job)
    other = 7
    assert other != gpu and not gpus(dgx)[other]["slices"]
    three_slices = f"n.nvmlDeviceGetGpuInstanceProfileInfo(gpu({other}), 2).id"
    ask_driver(dgx, f"n.nvmlDeviceSetMigMode(gpu({other}), 1)\nn.nvmlDeviceCreateGpuInstance(gpu({other}), {three_slices})")
    count = f"""
import ctypes
found, count = (n.c_nvmlGpuInstance_t * 16)(), ctypes.c_uint(16)
try: n.nvmlDeviceGetGpuInstances(gpu({other}), {three_slices}, found, ctypes.byref(count))
except n.NVMLError: count.value = 0  # MIG is off again
print(count.value)
"""
    wait_until("it is removed", lambda: ask_driver(dgx, count).strip() == "0", 30)
    after = dgx.ask("job", str(job))["job"]
    assert (after["state"], after["attempt"], placed(after)) == ("running", 1, (gpu, placement))
    end(dgx, job)


def test_a_gpu_that_is_gone_takes_only_its_own_jobs(dgx: Installation) -> None:
    stays = running(dgx, "cpu")
    job = running(dgx, "mig-1g.5gb", "--retries", "1")
    gpu, _ = where(dgx, job)
    dgx.nav("sim", "fault", NODE, "--gpu", str(gpu), "--gone")
    try:
        moved = second_attempt(dgx, job)
        assert placed(moved)[0] != gpu
        assert dgx.ask("job", str(stays))["job"]["state"] == "running"
        gone = wait_until("the pool tells of it", lambda: (found := gpus(dgx)[gpu])["state"] == "set_aside" and found)
        print("said of it:", gone["reason"])
    finally:
        dgx.nav("sim", "clear", NODE)
    end(dgx, job, stays)


def test_a_gpu_with_worn_out_memory_is_used_no_more_until_it_is_well(fresh: Installation) -> None:
    fresh.start()
    fresh.nav("sim", "fault", NODE, "--gpu", "0", "--worn-out")
    said = wait_until("the pool tells of it", lambda: (found := gpus(fresh)[0])["state"] == "set_aside" and found["reason"], 60)
    assert "could not be replaced by a spare one" in said
    jobs = [running(fresh, "mig-7g.40gb") for _ in range(2)]
    assert 0 not in [where(fresh, job)[0] for job in jobs]
    fresh.nav("sim", "clear", NODE)
    wait_until("it is taken back", lambda: gpus(fresh)[0]["state"] != "set_aside", 60)
    end(fresh, *jobs)


# Processes


def test_jobs_run_on_without_agent_and_controller_and_their_end_is_recorded(fresh: Installation) -> None:
    fresh.start()
    ends_meanwhile = fresh.submit("--on", "mig-1g.5gb", "--", "sh", "-c", "while ! test -e enough; do sleep 0.1; done; echo over; exit 7")
    goes_on = running(fresh, "mig-1g.5gb")
    fresh.wait_for_state(ends_meanwhile, "running")
    work = next(fresh.data.glob(f"nodes/*/jobs/{ends_meanwhile}.1")) / "work"
    assert fresh.server is not None
    fresh.server.send_signal(signal.SIGINT)
    assert fresh.server.wait(60) == 0
    assert "2 jobs run on" in fresh.log.read_text()
    (work / "enough").touch()
    wait_until("it has ended", lambda: "exited" in (work.parent / "status").read_text() if (work.parent / "status").exists() else False)
    fresh.start()
    over = fresh.wait_for_state(ends_meanwhile, "failed")["job"]
    assert (over["exit_code"], over["attempt"]) == (7, 1)
    assert fresh.nav("logs", str(ends_meanwhile)).out == "over\n"
    after = fresh.ask("job", str(goes_on))["job"]
    assert (after["state"], after["attempt"]) == ("running", 1)
