# SPDX-License-Identifier: Apache-2.0
"""Jobs from Python, against a whole installation."""

from __future__ import annotations

import asyncio
import datetime
import io
import subprocess
import threading
import time
from pathlib import Path

import pytest
from installation import Installation

import opennav
from opennav import errors, model
from opennav.progress import OnTerminal


def test_a_job_runs_on_a_slice_and_says_what_it_wrote(client: opennav.Client) -> None:
    job = client.run(["sh", "-c", "echo on $CUDA_VISIBLE_DEVICES; echo to err >&2"], on=["mig-1g.5gb", "cpu"], name="slice")
    assert job.state is model.JobState.QUEUED
    details = job.wait(check=True)
    assert (details.job.on, job.state, job.is_over) == ("mig-1g.5gb", model.JobState.SUCCEEDED, True)
    assert details.job.ended is not None
    assert datetime.datetime.now(datetime.timezone.utc) - details.job.ended < datetime.timedelta(minutes=2)
    assert sorted(job.log().splitlines())[0].startswith("on MIG-")


def test_everything_a_job_may_have_arrives(client: opennav.Client) -> None:
    limit = datetime.timedelta(minutes=5)
    job = client.run("true", on="cpu", env={"SEED": "7"}, workdir="/tmp", time_limit=limit, memory_mib=256, cpus=0.5, retries=2, restartable=True, priority=-3)
    request = job.details().request
    assert (request.env, request.workdir, request.time_limit) == ({"SEED": "7"}, "/tmp", limit)
    assert (request.memory_mib, request.cpu_milli, request.retries, request.restartable, request.priority) == (256, 500, 2, True, -3)
    job.wait()


def test_a_folder_goes_along(client: opennav.Client, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "words.txt").write_text("sent along\n")
    (tmp_path / ".gitignore").write_text("*.tmp\n")
    (tmp_path / "a.tmp").touch()
    jobs = client.run_many("sh -c 'cat lib/words.txt && echo >>lib/words.txt && ls'", 2, on="cpu", cpus=0.1, code=tmp_path)
    for job in jobs:
        job.wait(check=True)
        assert job.log() == "sent along\nlib\n"
    again = client.run("cat lib/words.txt", on="cpu", cpus=0.1, code=jobs[0].details().request.code)
    again.wait(check=True)
    assert again.log() == "sent along\n"
    (tmp_path / "link").symlink_to("lib")
    with pytest.raises(errors.InvalidArgument, match="link is a link"):
        client.run("true", on="cpu", code=tmp_path)


def test_a_git_repository_goes_along_at_the_revision_asked_for(client: opennav.Client, tmp_path: Path) -> None:
    def git(*words: str) -> str:
        settings = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        return subprocess.run(["git", "-C", str(tmp_path), *settings, *words], check=True, text=True, capture_output=True).stdout.strip()

    (tmp_path / "words.txt").write_text("first\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    git("tag", "v1")
    commit = git("rev-parse", "HEAD")
    (tmp_path / "words.txt").write_text("second\n")
    for revision in ("v1", commit, commit[:8]):
        job = client.run("sh -c 'cat words.txt; echo $NAV_CODE_COMMIT'", on="cpu", cpus=0.1, code=f"file://{tmp_path}#{revision}")
        job.wait(check=True)
        assert job.log() == f"first\n{commit}\n"
    here = client.run("sh -c 'cat words.txt; echo $NAV_CODE_COMMIT'", on="cpu", cpus=0.1, code=tmp_path)
    here.wait(check=True)
    assert here.log() == f"second\n{commit}-dirty\n"
    with pytest.raises(errors.InvalidArgument, match="v9 of file://.* cannot be fetched"):
        client.run("true", on="cpu", code=f"file://{tmp_path}#v9")


def test_a_refusal_says_the_field_and_what_would_be_right(client: opennav.Client) -> None:
    with pytest.raises(errors.InvalidArgument) as refused:
        client.run("true", on=["cpu", "mig-1g.5g"])
    assert (refused.value.field, refused.value.status) == ("on[1]", 400)
    assert "mig-1g.5gb" in refused.value.hint
    assert "field: on[1]" in str(refused.value)
    with pytest.raises(errors.InvalidArgument, match="unexpected keyword argument 'memroy'"):
        client.run("true", on="cpu", memroy=3)
    with pytest.raises(errors.NotFound, match="there is no job 99999"):
        client.job(99999)


def test_one_key_is_one_job_however_often_it_is_asked(client: opennav.Client) -> None:
    first, second = (client.run("true", on="cpu", key="the-same-wish") for _ in range(2))
    assert first.id == second.id
    assert client.run("true", on="cpu").id != first.id


def test_a_job_that_fails_is_raised_only_where_that_was_asked_for(client: opennav.Client) -> None:
    job = client.run("sh -c 'exit 7'", on="cpu")
    assert job.wait().job.exit_code == 7
    with pytest.raises(errors.JobFailed) as failed:
        job.wait(check=True)
    assert (failed.value.job, failed.value.exit_code, failed.value.state) == (job.id, 7, "failed")


def test_a_wait_that_is_too_short_ends_and_the_job_goes_on(client: opennav.Client) -> None:
    job = client.run("sleep 60", on="cpu")
    before = time.monotonic()
    with pytest.raises(errors.Timeout, match=f"job {job.id} is"):
        job.wait(timeout=0.5)
    assert time.monotonic() - before < 5
    assert job.refresh().state in ("queued", "starting", "running")
    job.cancel()
    assert job.wait().job.state == "cancelled"
    with pytest.raises(errors.Conflict):
        job.cancel()


def test_lines_come_while_the_job_writes_them(client: opennav.Client) -> None:
    job = client.run(["sh", "-c", "echo one; sleep 2; printf 'zwei ✓\\nthree'"], on="cpu")
    lines = job.logs()
    assert next(lines) == "one\n"
    assert job.refresh().state == "running"
    assert list(lines) == ["zwei ✓\n", "three"]


def test_attempts_follow_each_other_and_each_has_a_log(client: opennav.Client) -> None:
    job = client.run(["sh", "-c", "echo try $NAV_ATTEMPT; exit 1"], on="cpu", retries=1)
    assert list(job.logs()) == [f"try {job.id}.1\n", f"try {job.id}.2\n"]
    assert job.log(attempt=1) == f"try {job.id}.1\n"
    assert list(job.logs(attempt=2)) == [f"try {job.id}.2\n"]


def test_a_long_log_arrives_whole(client: opennav.Client) -> None:
    job = client.run(["sh", "-c", "yes 'a line of a log that is long' | head -n 100000"], on="cpu")
    job.wait(check=True)
    assert job.log() == "a line of a log that is long\n" * 100_000


def test_a_list_goes_over_its_pages(client: opennav.Client) -> None:
    made = client.run_many("true", 7, on="cpu", name="paged")
    assert [job.id for job in client.jobs(name="paged")] == [job.id for job in reversed(made)]
    asked = client.all(opennav.api.list_jobs(name="paged", limit=2))
    assert [job.id for job in asked] == [job.id for job in reversed(made)]
    assert [job.id for job in client.all(opennav.api.list_jobs(name="paged", limit=2), most=3)] == [job.id for job in made[:3:-1]]
    client.wait_all(made, check=True)
    assert len(client.jobs(name="paged", state="succeeded")) == 7
    with pytest.raises(ValueError, match="is not a valid JobState|state"):
        client.jobs(state="sleeping")


def test_progress_says_how_far_it_is(client: opennav.Client) -> None:
    terminal = io.StringIO()
    job = client.run("true", on="cpu")
    with OnTerminal(1, terminal) as shown:
        client._world.run(opennav.watch.wait(client._session, job.id, None, shown.see))  # type: ignore[attr-defined]
    assert terminal.getvalue().endswith(f"job {job.id} is succeeded\n")


def test_why_names_who_holds_what_is_missing(client: opennav.Client) -> None:
    jobs = client.run_many("sleep 60", 9, on="a100")
    try:
        why = jobs[-1].why()
        assert (why.job, why.lack) == (jobs[-1].id, model.Lack.BUSY)
        assert why.rungs[0].total == 8
    finally:
        for job in jobs:
            job.cancel()
        client.wait_all(jobs)


def test_notebooks_show_tables_and_drawings_with_everything_escaped(client: opennav.Client) -> None:
    job = client.run(["echo", "<b>bold</b>"], on="mig-1g.5gb")
    shown = job.wait()._repr_html_()
    assert "&lt;b&gt;bold" in shown
    assert "<b>bold" not in shown
    assert "succeeded" in job._repr_html_()
    drawing = client.pool()._repr_html_()
    assert "dgx-a100-1" in drawing
    assert "1g.5gb@" in drawing
    assert "sentence" in job.why()._repr_html_()


def test_lists_become_data_frames(client: opennav.Client) -> None:
    pandas = pytest.importorskip("pandas")
    table = opennav.frame(client.jobs(most=5))
    assert isinstance(table, pandas.DataFrame)
    assert {"id", "state", "submitted"} <= set(table.columns)
    assert str(table["submitted"].dtype).startswith("datetime64")


def test_events_end_with_whoever_reads_them(client: opennav.Client) -> None:
    before = client.pool().sequence
    job = client.run("true", on="cpu")
    kinds = []
    for event in client.events(after=before, job=job.id):
        kinds.append(event.kind)
        if event.kind == "JobEnded":
            break
    assert kinds[0] == "JobsQueued"
    assert "JobStarted" in kinds


def test_asyncio_says_the_same_and_several_things_at_once(dgx: Installation) -> None:
    async def all_of_it() -> tuple[list[str], list[str]]:
        async with opennav.AsyncClient(environment=dgx.environment) as client:
            jobs = await asyncio.gather(*(client.run(f"echo number {n}", on="cpu") for n in range(4)))
            ended = await asyncio.gather(*(job.wait() for job in jobs))
            lines = [line async for line in jobs[2].logs()]
            with pytest.raises(errors.Timeout):
                waiting = await client.run("sleep 60", on="cpu")
                await waiting.wait(timeout=0.3)
            await waiting.cancel()
            assert [node.name for node in await client.nodes()] == ["dgx-a100-1"]
            async for event in client.events(after=0, kind="JobsQueued"):
                assert event.kind == "JobsQueued"
                break
            return [str(details.job.state) for details in ended], lines

    assert asyncio.run(all_of_it()) == (["succeeded"] * 4, ["number 2\n"])


def test_a_task_that_is_cancelled_leaves_nothing_behind(dgx: Installation) -> None:
    async def cancelled() -> None:
        async with opennav.AsyncClient(environment=dgx.environment) as client:
            job = await client.run("sleep 60", on="cpu")
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(job.wait(), 0.5)
            await job.cancel()
            assert (await job.wait()).job.state == "cancelled"

    asyncio.run(cancelled())


def test_threads_share_a_client(client: opennav.Client) -> None:
    found: list[str] = []

    def submit(number: int) -> None:
        found.append(client.run(f"echo {number}", on="cpu", name=f"thread-{number}").wait(check=True).job.name)

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"thread-{number}" for number in range(6)]


def test_inside_a_job_it_speaks_as_that_job(client: opennav.Client) -> None:
    script = "import sys; sys.path.insert(0, sys.argv[1]); import opennav; print(opennav.Client().ask(opennav.api.whoami()).attempt)"
    package = str(Path(opennav.__file__).parents[1])
    job = client.run(["/usr/bin/python3", "-c", script, package], on="cpu")
    assert (job.wait().job.state, job.log()) == ("succeeded", f"{job.id}.1\n")
