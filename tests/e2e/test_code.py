# SPDX-License-Identifier: Apache-2.0
"""What is sent along with a job: the folder a person stands in runs wherever there is room."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from installation import Installation


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    site = Installation(tmp_path_factory.mktemp("code"), "--simulate", "a100-40gb:1")
    site.start()
    yield site
    site.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A little project, as people have them."""
    top = tmp_path / "project"
    (top / "lib").mkdir(parents=True)
    (top / "lib" / "words.txt").write_text("from the library\n")
    (top / "run.sh").write_text("#!/bin/sh\ncat lib/words.txt; echo more >>lib/words.txt; wc -l <lib/words.txt\n")
    (top / "run.sh").chmod(0o755)
    (top / "empty").touch()
    return top


def post(site: Installation, wish: dict[str, Any]) -> tuple[int, Any]:
    token = (site.data / "admin-token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request((site.data / "run/url").read_text().strip() + "/v1/jobs", json.dumps(wish).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())["error"]


def test_a_folder_is_sent_along_and_each_job_has_a_copy_of_its_own(site: Installation, folder: Path) -> None:
    for _ in range(2):
        done = site.nav("run", "--code", str(folder), "--on", "cpu", "--cpus", "0.1", "--wait", "--", "./run.sh")
        assert done.out == "from the library\n2\n", "what the first one wrote is its own"
    done = site.nav("run", "--code", str(folder), "--on", "mig-1g.5gb", "--wait", "--", "find", ".", "-type", "f")
    assert sorted(done.out.split()) == ["./empty", "./lib/words.txt", "./run.sh"]


def test_what_is_there_is_not_sent_again(site: Installation, folder: Path) -> None:
    (folder / "fresh.bin").write_bytes(os.urandom(20_000))
    assert "19 KiB sent" in site.nav("run", "--code", str(folder), "--on", "cpu", "--", "true").err
    assert "; 0 bytes sent" in site.nav("run", "--code", str(folder), "--on", "cpu", "--", "true").err
    (folder / "lib" / "words.txt").write_text("changed it\n")
    assert "; 11 bytes sent" in site.nav("run", "--code", str(folder), "--on", "cpu", "--", "true").err


def test_ignored_files_stay_at_home(site: Installation, folder: Path) -> None:
    (folder / ".gitignore").write_text("*.tmp\n")
    (folder / "lib" / ".gitignore").write_text("secret\n")
    (folder / ".navignore").write_text("/data/\n")
    for path in ("a.tmp", "lib/secret", "lib/b.tmp", "data/large", ".git/config", "lib/__pycache__/x.pyc"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x")
    done = site.nav("run", "--code", str(folder), "--on", "cpu", "--wait", "--", "find", ".", "-type", "f")
    assert sorted(done.out.split()) == ["./.gitignore", "./.navignore", "./empty", "./lib/.gitignore", "./lib/words.txt", "./run.sh"]


def test_the_job_keeps_what_was_sent_for_the_next_attempt(site: Installation, folder: Path) -> None:
    (folder / "again.sh").write_text('test "$NAV_ATTEMPT" = "$NAV_JOB_ID.2" && cat lib/words.txt\n')
    done = site.nav("run", "--code", str(folder), "--on", "cpu", "--retries", "1", "--wait", "--", "sh", "again.sh")
    assert done.out == "from the library\n"
    (job, *_) = site.ask("jobs")["items"]
    assert {one["path"] for one in site.ask("job", str(job["id"]))["request"]["code"]} == {"again.sh", "empty", "lib/words.txt", "run.sh"}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda top: (top / "link").symlink_to("/etc/passwd"), "link is a link"),
        (lambda top: [(top / f"{i}").touch() for i in range(2000)], "at most 2000"),
        (lambda top: os.truncate(top / "empty", 300 << 20), "the largest is empty of 300 MiB"),
        (lambda top: [(top / name).unlink() for name in ("run.sh", "empty", "lib/words.txt")], "there is no file to send"),
    ],
)
def test_what_cannot_be_sent_is_named(site: Installation, folder: Path, spoil: Callable[[Path], Any], said: str) -> None:
    spoil(folder)
    before = [one["id"] for one in site.ask("jobs")["items"]]
    done = site.nav("run", "--code", str(folder), "--on", "cpu", "--", "true")
    assert done.code != 0 and "--code" in done.err and said in done.err, done.err
    assert [one["id"] for one in site.ask("jobs")["items"]] == before


@pytest.fixture
def repository(folder: Path) -> Callable[..., str]:
    """The little project as a repository, by what git says to such words."""

    def git(*words: str) -> str:
        settings = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main"]
        return subprocess.run(["git", "-C", str(folder), *settings, *words], check=True, text=True, capture_output=True).stdout.strip()

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    git("tag", "v1")
    (folder / "lib" / "words.txt").write_text("of the second commit\n")
    git("commit", "-qam", "second")
    return git


def test_a_repository_is_fetched_at_its_branch_tag_or_commit_and_the_job_knows_which(site: Installation, folder: Path, repository: Callable[..., str]) -> None:
    first, second = repository("rev-parse", "v1"), repository("rev-parse", "HEAD")
    url = f"file://{folder}"
    wanted = [(f"{url}#v1", first), (url, second), (f"{url}#main", second), (f"{url}#{first}", first), (f"{url}#{first[:8]}", first)]
    for code, commit in wanted:
        done = site.nav("run", "--code", code, "--on", "cpu", "--wait", "--", "sh", "-c", "cat lib/words.txt; echo $NAV_CODE_COMMIT $NAV_CODE_URL")
        assert done.code == 0, done.err
        words = "from the library" if commit == first else "of the second commit"
        assert done.out.splitlines() == [words, f"{commit} {url}"]
        assert f"commit {commit[:12]}" in done.err
    done = site.nav("run", "--code", f"{url}#v1:lib", "--on", "cpu", "--wait", "--", "ls")
    assert done.out == "words.txt\n"
    (folder / "empty").write_text("changed\n")
    done = site.nav("run", "--code", str(folder), "--on", "cpu", "--wait", "--", "sh", "-c", "echo $NAV_CODE_COMMIT")
    assert done.out == f"{second}-dirty\n", "a folder that is in a repository says where it stands"


def test_a_repository_that_cannot_be_had_is_refused_before_anything_starts(site: Installation, folder: Path, repository: Callable[..., str]) -> None:
    before = [one["id"] for one in site.ask("jobs")["items"]]
    for code in (f"file://{folder}-not", f"file://{folder}#v9", f"file://{folder}#v1:not-there", f"file://{folder}#0123abcd"):
        done = site.nav("run", "--code", code, "--on", "cpu", "--", "true")
        assert done.code == 3, done.err
        assert "--code" in done.err
    assert [one["id"] for one in site.ask("jobs")["items"]] == before


def test_the_server_refuses_paths_that_lead_elsewhere_and_files_it_has_not(site: Installation) -> None:
    digest = "sha256:" + "0" * 64
    wish = {"on": ["cpu"], "command": ["true"]}
    for path in ("../x", "/etc/passwd", "a//b", ""):
        status, error = post(site, {**wish, "code": [{"path": path, "digest": digest}]})
        assert (status, error["field"]) == (400, "code[0].path"), error
    status, error = post(site, {**wish, "code": [{"path": "x", "digest": digest}]})
    assert (status, error["field"]) == (400, "code[0].digest") and "PUT /v1/artifacts" in error["hint"]
    status, error = post(site, {**wish, "workdir": "/tmp", "code": [{"path": "x", "digest": digest}]})
    assert (status, error["field"]) == (400, "workdir")
