#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records the journal of a small installation for tests of later versions: tests/record_journal.py VERSION, with a release build.

Every kind of thing happens in it that one can make happen from outside. Run once for a version, when it is released; never change what is there.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "e2e"))
from installation import REPOSITORY, Installation, wait_until

NODE = "dgx-a100-1"


def live(one: Installation) -> None:
    for words in (
        ["team", "add", "vision"],
        ["user", "add", "ada"],
        ["project", "add", "growth", "--team", "vision"],
        ["project", "members", "growth", "--add", "ada"],
        ["token", "create", "laptop", "--user", "ada"],
    ):
        assert (said := one.nav(*words)).code == 0, said.err
    for job in (["--", "true"], ["--retries", "1", "--", "false"], ["--time-limit", "1s", "--", "sleep", "60"]):
        number = one.submit("--on", "mig-1g.5gb", *job)
        one.wait_for_state(number, "succeeded", "failed")
    cancelled = one.submit("--on", "mig-2g.10gb", "--on", "cpu", "--", "sleep", "600")
    one.wait_for_state(cancelled, "running")
    one.nav("cancel", str(cancelled))
    one.wait_for_state(cancelled, "cancelled")
    struck = one.submit("--on", "mig-3g.20gb", "--", "sleep", "600")
    found = one.wait_for_state(struck, "running")
    gpu, placement = found["attempts"][-1]["place"].split()
    assert one.nav("sim", "fault", NODE, "--gpu", gpu.removeprefix("gpu"), "--xid", "94", "--slice", placement).code == 0
    wait_until("the struck job went on elsewhere", lambda: len(one.ask("job", str(struck))["attempts"]) > 1)
    one.nav("node", "drain", NODE, "--message", "new fans")
    one.nav("node", "resume", NODE)
    one.submit("--on", "a100", "--restartable", "--", "sleep", "600")
    one.submit("--on", "cpu", "--", "sleep", "600")
    one.submit("--on", "a100-x8", "--count", "3", "--", "sleep", "600")
    wait_until("some run", lambda: len(one.ask("jobs", "--state", "running")["items"]) >= 3)


def main() -> None:
    target = REPOSITORY / "tests" / "journals" / sys.argv[1]
    if target.exists():
        sys.exit(f"{target} is recorded already")
    folder = Path(tempfile.mkdtemp(prefix="nav-record-"))
    one = Installation(folder, "--simulate", "dgx-a100")
    try:
        one.start()
        live(one)
        assert one.server is not None
        one.server.kill()  # as it is, with what runs
        one.server.wait()
        target.mkdir(parents=True)
        with sqlite3.connect(one.data / "journal.db") as journal:
            journal.execute("VACUUM INTO ?", (str(target / "journal.db"),))
        os.chmod(target / "journal.db", 0o644)
        one.start()
    finally:
        one.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print(f"now make {target}/pool.txt: UPDATE=1 build/release/adapters_test --gtest_filter='RecordedJournal*'")


if __name__ == "__main__":
    main()
