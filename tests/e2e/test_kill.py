# SPDX-License-Identifier: Apache-2.0
"""Real processes killed at random while real jobs run: no acknowledged job is lost, none runs twice at once, no slice leaks.

NAV_KILLS, NAV_KILL_JOBS and NAV_KILL_SEED make it longer, and another storm.
"""

from __future__ import annotations

import collections
import http.client
import json
import os
import random
import shutil
import signal
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from installation import REPOSITORY, Installation, wait_until

KILLS = int(os.environ.get("NAV_KILLS", "25"))
JOBS = int(os.environ.get("NAV_KILL_JOBS", "120"))
SEED = int(os.environ.get("NAV_KILL_SEED", "1"))

# An attempt holds a lock of its job while it lives: a second living attempt would find it taken.
JOB = r"""
umask 0  # the next attempt is another unix user
exec 9>"$NOTES/lock.$NAV_JOB_ID"
flock -n 9 || { echo "$NAV_ATTEMPT" >> "$NOTES/twice"; exit 9; }
echo "$NAV_ATTEMPT $(date +%T.%N)" >> "$NOTES/begun.$NAV_JOB_ID"
sleep $((RANDOM % 2)).$((RANDOM % 10))
echo "$NAV_ATTEMPT" >> "$NOTES/done.$NAV_JOB_ID"
"""


def processes(one: Installation, *words: bytes) -> list[int]:
    """Processes of this installation whose arguments begin with a program of that name and hold all the words."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            line = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(one.data) in line and all(word in line for word in words):
            found.append(int(entry.name))
    return found


def kill_storm(one: Installation, rng: random.Random, stop: threading.Event, done: collections.Counter[str]) -> None:
    while sum(done.values()) < KILLS and not stop.wait(rng.uniform(0.02, 0.3)):
        victim = rng.choice(["controller", "agent", "agent", "supervisor", "supervisor"])
        if victim == "controller":
            assert one.server is not None
            one.server.kill()
            one.server.wait()
            (one.data / "run" / "url").unlink(missing_ok=True)
            one.start()
            done[victim] += 1
            continue
        pids = processes(one, b"\0agent\0") if victim == "agent" else processes(one, b"nav-supervisor\0")
        if not pids:
            continue
        try:
            os.kill(rng.choice(pids), signal.SIGKILL)
            done[victim] += 1
        except ProcessLookupError:
            pass


def submit(one: Installation, notes: Path, key: str) -> int:
    """Submits one job and answers its number; repeats with the same key until it is acknowledged, as a careful client does."""
    wish = {"name": "short", "on": ["mig-1g.5gb", "mig-2g.10gb"], "command": ["bash", "-c", JOB], "env": {"NOTES": str(notes)}}
    wish |= {"retries": 20, "restartable": True}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            headers = {"Authorization": "Bearer " + (one.data / "admin-token").read_text().strip(), "Content-Type": "application/json", "Idempotency-Key": key}
            url = (one.data / "run" / "url").read_text().strip()
            with urllib.request.urlopen(urllib.request.Request(url + "/v1/jobs", json.dumps(wish).encode(), headers), timeout=5) as answer:
                return int(json.load(answer)["first"])
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503, 507):
                raise AssertionError(error.read().decode()) from error
        except (OSError, http.client.HTTPException):
            pass  # killed meanwhile: nobody knows whether it arrived
        time.sleep(0.1)
    raise AssertionError(f"{key} was never acknowledged")


def states(one: Installation) -> collections.Counter[str]:
    found: collections.Counter[str] = collections.Counter()
    cursor: list[str] = []
    while True:
        page = one.ask("jobs", "--limit", "1000", *cursor)
        found.update(job["state"] for job in page["items"])
        if not page.get("next"):
            return found
        cursor = ["--cursor", page["next"]]


def test_kill_9_of_everything_loses_nothing_and_runs_nothing_twice(tmp_path: Path) -> None:
    one = Installation(tmp_path, "--simulate", "dgx-a100:2", "--no-agent")
    notes = REPOSITORY / "build" / f"kill-notes-{os.getpid()}"  # a job's /tmp is its own
    notes.mkdir(parents=True)
    notes.chmod(0o777)
    killed: collections.Counter[str] = collections.Counter()
    try:
        one.start()
        stop = threading.Event()
        storm = threading.Thread(target=kill_storm, args=(one, random.Random(SEED), stop, killed))
        storm.start()
        acknowledged = [submit(one, notes, f"kill-{i}") for i in range(JOBS)]
        storm.join(timeout=5 * KILLS)
        stop.set()
        storm.join()
        wait_until("every job is over", lambda: not set(states(one)) & {"queued", "starting", "running"}, 300)
        print("killed:", dict(killed))
        assert sum(killed.values()) == KILLS

        if (notes / "twice").exists():
            twice = (notes / "twice").read_text().split()
            told = [one.nav("job", attempt.split(".")[0]).out + (notes / f"begun.{attempt.split('.')[0]}").read_text() for attempt in twice]
            raise AssertionError(f"alive twice: {twice}\n" + "\n".join(told))
        assert len(set(acknowledged)) == JOBS
        assert states(one) == {"succeeded": JOBS}
        for job in acknowledged:
            assert len((notes / f"done.{job}").read_text().split()) >= 1, f"job {job} is said to have succeeded and did not"

        # Nothing leaks: all supervisors end, and no slice is held.
        wait_until("all supervisors have ended", lambda: not processes(one, b"nav-supervisor\0"))
        held = [s for node in one.ask("pool")["nodes"] for gpu in node["gpus"] for s in gpu["slices"] if s.get("holder")]
        assert held == []
    finally:
        one.stop()
        shutil.rmtree(notes, ignore_errors=True)
