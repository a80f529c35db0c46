# SPDX-License-Identifier: Apache-2.0
"""Artifacts in a bucket: nav up against a server that speaks S3."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from installation import Installation
from s3_server import S3Server


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = S3Server(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture
def with_bucket(tmp_path: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    installation = Installation(tmp_path, "--simulate", "dgx-a100:1", "--no-agent", "--artifacts", f"s3://models/{tmp_path.name}")
    yield installation
    installation.stop()


def kept(s3: S3Server, installation: Installation) -> dict[str, int]:
    prefix = f"{installation.folder.name}/project-1/"
    return {key.removeprefix(prefix): size for key, size in s3.objects().items() if key.startswith(prefix)}


def gathered(installation: Installation) -> list[Path]:
    return [path for path in (installation.data / "artifacts").rglob("*") if path.is_file()]


def test_files_go_to_the_bucket_and_jobs_find_them(with_bucket: Installation, s3: S3Server, tmp_path: Path) -> None:
    with_bucket.start()
    code = tmp_path / "code"
    code.mkdir()
    large = os.urandom(9_000_000)  # more than goes in one request between client and controller
    (code / "large.bin").write_bytes(large)
    (code / "empty").touch()
    (code / "run.sh").write_text("sha256sum large.bin empty\n")
    said = with_bucket.nav("run", "--code", code, "--on", "cpu", "--wait", "--", "sh", "run.sh", timeout=120)
    digests = {name: hashlib.sha256((code / name).read_bytes()).hexdigest() for name in ("large.bin", "empty", "run.sh")}
    assert said.code == 0, said.out + said.err
    assert f"{digests['large.bin']}  large.bin\n{digests['empty']}  empty\n" in said.out
    assert kept(s3, with_bucket) == {digests["large.bin"]: len(large), digests["empty"]: 0, digests["run.sh"]: 26}
    assert gathered(with_bucket) == []

    # Sent once, and found by a controller that was started anew.
    with_bucket.stop()
    with_bucket.start()
    again = with_bucket.nav("run", "--code", code, "--on", "cpu", "--wait", "--", "sh", "run.sh", timeout=120)
    assert again.code == 0, again.out + again.err
    assert "0 KiB sent" in again.err or "the rest was there" in again.err

    # The keys are the controller's alone.
    seen = with_bucket.nav("run", "--on", "cpu", "--wait", "--", "sh", "-c", "env; cat /proc/*/environ 2>/dev/null", timeout=60)
    assert s3.keys["AWS_SECRET_ACCESS_KEY"] not in seen.out + with_bucket.log.read_text()


def test_a_bucket_that_is_away_is_told_and_nothing_is_lost(with_bucket: Installation, s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_bucket.start()
    away = Installation(tmp_path / "away", "--simulate", "dgx-a100:1", "--no-agent", "--artifacts", f"s3://models/{tmp_path.name}")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    away.start()  # jobs that need no artifacts go on
    try:
        code = tmp_path / "code"
        code.mkdir()
        (code / "run.sh").write_text("echo found\n")
        refused = away.nav("run", "--code", code, "--on", "cpu", "--", "sh", "run.sh", timeout=120)
        assert refused.code != 0
        assert "the store s3://models does not answer" in refused.err
        assert away.ask("jobs")["items"] == []
        assert away.nav("run", "--on", "cpu", "--wait", "--", "true").code == 0
    finally:
        away.stop()
    said = with_bucket.nav("run", "--code", code, "--on", "cpu", "--wait", "--", "sh", "run.sh", timeout=120)
    assert (said.code, "found" in said.out) == (0, True), said.out + said.err


def test_what_was_kept_before_there_was_a_bucket_is_found(with_bucket: Installation, s3: S3Server, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "run.sh").write_text("echo here before\n")
    options, with_bucket.options = with_bucket.options, with_bucket.options[:3]
    with_bucket.start()
    assert with_bucket.nav("run", "--code", code, "--on", "cpu", "--wait", "--", "sh", "run.sh", timeout=120).code == 0
    with_bucket.stop()
    assert len(gathered(with_bucket)) == 1
    with_bucket.options = options
    with_bucket.start()
    assert kept(s3, with_bucket) == {}
    said = with_bucket.nav("run", "--code", code, "--on", "cpu", "--wait", "--", "sh", "run.sh", timeout=120)
    assert (said.code, "here before" in said.out) == (0, True), said.out + said.err
    # It was offered again, so it went to the bucket.
    assert len(kept(s3, with_bucket)) == 1
    assert gathered(with_bucket) == []


def test_what_nobody_needs_is_deleted_from_the_bucket_and_what_a_job_needs_is_not(with_bucket: Installation, s3: S3Server, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "run.sh").write_text("exec sleep 600\n")
    (code / "notes.txt").write_text("of this test\n")
    with_bucket.start()
    job = with_bucket.submit("--code", str(code), "--on", "cpu", "--", "sh", "run.sh")
    with_bucket.wait_for_state(job, "running")
    digest = "sha256:" + hashlib.sha256((code / "run.sh").read_bytes()).hexdigest()
    assert {one["digest"]: one["used_by"] for one in with_bucket.ask("artifacts", "list")["items"]}[digest] == [f"job {job}"]
    refused = with_bucket.nav("artifacts", "delete", digest)
    assert refused.code != 0 and f"it is needed by job {job}" in refused.err
    assert "Nothing is there that nobody needs" in with_bucket.nav("artifacts", "clean", "--yes").err
    with_bucket.nav("cancel", str(job))
    with_bucket.wait_for_state(job, "cancelled")
    fetched = tmp_path / "fetched"
    assert with_bucket.nav("artifacts", "fetch", digest, "--to", str(fetched)).code == 0
    assert fetched.read_text() == "exec sleep 600\n"
    assert "2 artifacts, " in with_bucket.nav("artifacts", "clean", "--dry-run").err
    assert "Nothing is there" in with_bucket.nav("artifacts", "clean", "--yes", "--older-than", "1h").err
    assert len(kept(s3, with_bucket)) == 2
    assert with_bucket.nav("artifacts", "delete", digest).code == 0
    assert len(kept(s3, with_bucket)) == 1
    assert with_bucket.nav("artifacts", "clean", "--yes").code == 0
    assert kept(s3, with_bucket) == {} and with_bucket.ask("artifacts", "list")["items"] == []
    gone = with_bucket.nav("artifacts", "delete", digest)
    assert gone.code != 0 and "the project has no artifact" in gone.err


@pytest.mark.parametrize(
    ("address", "variables", "words"),
    [
        ("models", {}, '"models" is no address of a bucket'),
        ("s3://models/a b", {}, 'the prefix "a b/" will not do'),
        ("s3://nobody-has-this", {}, "the store s3://nobody-has-this answered 404 NoSuchBucket"),
        ("s3://models", {"AWS_SECRET_ACCESS_KEY": ""}, "AWS_SECRET_ACCESS_KEY is not set"),
        ("s3://models", {"AWS_SECRET_ACCESS_KEY": "guessed"}, "the store s3://models answered 403 SignatureDoesNotMatch"),
        ("s3://models", {"AWS_ENDPOINT_URL": "minio:9000"}, 'AWS_ENDPOINT_URL is "minio:9000"'),
    ],
)
def test_what_is_wrong_is_told_at_the_start(
    tmp_path: Path, s3: S3Server, monkeypatch: pytest.MonkeyPatch, address: str, variables: dict[str, str], words: str
) -> None:
    for name, value in (s3.environment | variables).items():
        monkeypatch.setenv(name, value)
    installation = Installation(tmp_path)
    said = installation.nav("up", "--no-agent", "--listen", "127.0.0.1:0", "--data", installation.data, "--artifacts", address, timeout=60)
    assert said.code != 0
    assert words in said.err
    assert "guessed" not in said.err
