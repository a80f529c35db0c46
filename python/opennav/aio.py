# SPDX-License-Identifier: Apache-2.0
"""The client for asyncio: the same as `opennav.Client`, with `await` and `async for`.

`client.py` is made from this file by python/tools/generate.py; this is the one to edit.
"""

from __future__ import annotations

import datetime
import io
import os
import shlex
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from . import api, artifacts, browser, code_folder, exchange, html, model, watch
from .aio_flows import AsyncFlowRun, AsyncFlowSchedules
from .async_world import AsyncWorld
from .call import Call
from .code_folder import Code
from .errors import InvalidArgument
from .exchange import Answer, Page, Session
from .flow import Flow, SweepWishes, texts_of
from .job_record import just_queued, raise_if_failed
from .progress import Progress, progress_of
from .serving import Seconds, duration, service_of
from .settings import Settings, find_settings, parse_address
from .tracking import batch_of
from .trust import Trust
from .version import VERSION

if TYPE_CHECKING:
    from typing_extensions import Unpack

T = TypeVar("T")


class AsyncClient:
    """Speaks with one OpenNav server.

    Without arguments it finds the server as the command `nav` does: NAV_URL with NAV_TOKEN or NAV_TOKEN_FILE, what `nav login` kept, or the
    installation on this machine. Inside a job it speaks as that job.

    >>> import opennav
    >>> client = opennav.Client()
    >>> job = client.run("echo hello", on="cpu")
    >>> job.wait().job.state.value
    'succeeded'
    >>> job.log()
    'hello\\n'

    `patience` is how many seconds a server that is busy or restarting is asked again; `timeout`, how many seconds may pass without a byte of an
    answer. A server with a CA of its own is known by `ca_file` (PEM) or `ca_sha256` (its fingerprint, which also may stand in the address:
    ``https://host:8443#sha256:...``).
    """

    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        *,
        ca_file: str | None = None,
        ca_sha256: str | None = None,
        patience: float = 30,
        timeout: float = 60,
        connect_timeout: float = 10,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        settings = find_settings(os.environ if environment is None else environment) if url is None else parse_address(url)
        if token is not None:
            settings = replace(settings, token=token)
        if ca_sha256 is not None:
            settings = replace(settings, ca_sha256=parse_address(f"{settings.url}#sha256:{ca_sha256}", "ca_sha256").ca_sha256)
        self.settings: Settings = settings
        self._world = AsyncWorld(settings, Trust(settings, ca_file, connect_timeout), connect_timeout)
        self._session = Session(settings, f"opennav-python/{VERSION}", patience, timeout)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.settings.url!r})"

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes its connections. It may be used again afterwards."""
        await self._world.aclose()

    # --- anything the API offers

    async def ask(self, call: Call[T], *, key: str | None = None) -> T:
        """Sends any request of `opennav.api`. `key` is its Idempotency-Key: asked twice with one key it is done once.

        >>> client.ask(opennav.api.whoami()).role.value
        'admin'
        """
        return await self._world.run(exchange.ask(self._session, call, key))

    async def answer(self, call: Call[T], *, key: str | None = None) -> Answer[T]:
        """The same with the ETag that a change of it needs as `if_match`.

        >>> user = client.ask(opennav.api.make_user(opennav.model.MakeUser(name="eve")))
        >>> seen = client.answer(opennav.api.get_user("eve"))
        >>> change = opennav.model.ChangeUser(disabled=True)
        >>> client.ask(opennav.api.change_user("eve", change, if_match=seen.etag or "")).disabled
        True
        """
        return await self._world.run(exchange.answer(self._session, call, key))

    def all(self, call: Call[Page[T]], *, most: int | None = None) -> AsyncIterator[T]:
        """The items of any list, page after page.

        >>> [template.name for template in client.all(opennav.api.list_templates()) if template.kind == "cpu"]
        ['cpu']
        """
        return self._world.stream(exchange.all_items(self._session, call, most))

    # --- jobs

    async def run(
        self,
        command: str | Sequence[str],
        *,
        on: str | Sequence[Any],
        name: str | None = None,
        project: str | None = None,
        env: Mapping[str, str] | None = None,
        workdir: str | None = None,
        code: Code | None = None,
        time_limit: datetime.timedelta | float | None = None,
        memory_mib: int | None = None,
        cpus: float | None = None,
        retries: int | None = None,
        restartable: bool | None = None,
        priority: int | None = None,
        key: str | None = None,
        **more: Any,
    ) -> AsyncJob:
        """Submits a job: `command` on the first template of `on` that can be had.

        A command given as one string is cut into words as a shell would, but no shell sees it. `time_limit` is in seconds if it is a number.
        `code="."` sends that folder along: each attempt starts in a copy of its own. .gitignore and .navignore leave files out.
        `code="https://host/project.git#v1.2:folder"` is a git repository, at a branch, a tag or a commit.
        What else `opennav.model.SubmitJobs` has may be given by name.

        >>> job = client.run(["sh", "-c", "echo on $CUDA_VISIBLE_DEVICES"], on=["mig-1g.5gb", "cpu"], name="first")
        >>> job.wait(check=True).job.on
        'mig-1g.5gb'
        """
        jobs = await self._submit(command, on, key, 1, name, project, env, workdir, code, time_limit, memory_mib, cpus, retries, restartable, priority, more)
        return jobs[0]

    async def serve(self, command: str | Sequence[str], *, on: str | Sequence[Any], health: str = "", idle_after: Seconds = 0, **options: Any) -> AsyncJob:
        """Submits an endpoint (docs/services.md): answers at NAV_PORT, and is begun anew (`retries`) when it no more does. `options` as of `run`."""
        return await self.run(command, on=on, service=service_of(model.ServiceKind.ENDPOINT, health, idle_after), **options)

    async def workspace(
        self, command: str | Sequence[str] = (), *, on: str | Sequence[Any], health: str = "", idle_after: Seconds = 7200, **options: Any
    ) -> AsyncJob:
        """Submits a workspace, Jupyter if no command is given. Its door, `job.door()`, opens for its owner and administrators alone."""
        return await self.run(command, on=on, service=service_of(model.ServiceKind.WORKSPACE, health, idle_after), **options)

    async def services(self) -> list[model.ListedService]:
        """Workspaces and endpoints that are not over, and how they are."""
        return [one async for one in self.all(api.list_services(limit=1000))]

    async def run_many(
        self,
        command: str | Sequence[str],
        count: int,
        *,
        on: str | Sequence[Any],
        name: str | None = None,
        project: str | None = None,
        env: Mapping[str, str] | None = None,
        workdir: str | None = None,
        code: Code | None = None,
        time_limit: datetime.timedelta | float | None = None,
        memory_mib: int | None = None,
        cpus: float | None = None,
        retries: int | None = None,
        restartable: bool | None = None,
        priority: int | None = None,
        key: str | None = None,
        **more: Any,
    ) -> list[AsyncJob]:
        """Submits so many jobs, all alike, in one request.

        >>> jobs = client.run_many("true", 3, on="cpu")
        >>> [details.job.state.value for details in client.wait_all(jobs)]
        ['succeeded', 'succeeded', 'succeeded']
        """
        return await self._submit(
            command, on, key, count, name, project, env, workdir, code, time_limit, memory_mib, cpus, retries, restartable, priority, more
        )

    async def job(self, number: int) -> AsyncJob:
        """The job with this number.

        >>> client.job(99999)
        Traceback (most recent call last):
        opennav.errors.NotFound: there is no job 99999
        """
        details = await self.ask(api.get_job(number))
        return AsyncJob(self, details.job)

    async def jobs(
        self,
        *,
        state: str | Iterable[str] | None = None,
        project: str | None = None,
        user: str | None = None,
        name: str | None = None,
        on: str | None = None,
        node: str | None = None,
        most: int | None = 1000,
    ) -> list[AsyncJob]:
        """Jobs, new to old, at most `most` (None: all there are).

        >>> jobs = client.run_many("true", 2, on="cpu", name="listed")
        >>> client.jobs(name="listed")[0].id == jobs[1].id
        True
        """
        states = [model.JobState(one) for one in ([state] if isinstance(state, str) else state or ())]
        limit = min(most or 1000, 1000)
        call = api.list_jobs(state=states, project=project, user=user, name=name, on=on, node=node, limit=limit)
        return [AsyncJob(self, job) async for job in self.all(call, most=most)]

    async def wait_all(
        self, jobs: Iterable[AsyncJob], *, timeout: float | None = None, progress: bool | None = None, check: bool = False
    ) -> list[model.JobDetails]:
        """Waits until all are over. With `check`, one that did not succeed is raised as JobFailed, once all are over."""
        waited = list(jobs)
        with progress_of(progress, len(waited)) as shown:
            found = await self._world.run(watch.wait_for_all(self._session, [job.id for job in waited], timeout, shown.see))
        for job, details in zip(waited, found, strict=True):
            job.record = details.job
            if check:
                raise_if_failed(details)
        return found

    # --- experiments

    async def experiments(self, *, project: str | None = None, name: str | None = None) -> list[model.Experiment]:
        """Experiments, new to old. What is logged with MLflow's client stands here: docs/experiments.md."""
        call = api.list_experiments(project=project, name=name, limit=1000)
        return [experiment async for experiment in self.all(call)]

    async def runs(self, experiment: str | int, *, filter: str | None = None, order: str | None = None, most: int | None = 1000) -> list[model.Run]:
        """Runs of an experiment, new to old, or the best first: ``order="metrics.loss"``, ``order="metrics.accuracy DESC"``. `filter` is in MLflow's
        language: ``metrics.loss < 0.3 AND params.model = 'tree'``.
        """
        call = api.list_runs(str(experiment), filter=filter, order=order, limit=min(most or 1000, 1000))
        return [run async for run in self.all(call, most=most)]

    async def log(
        self,
        run: str,
        metrics: Mapping[str, float] | None = None,
        *,
        step: int = 0,
        params: Mapping[str, Any] | None = None,
        tags: Mapping[str, Any] | None = None,
    ) -> None:
        """Notes metrics, parameters and tags of a run. Inside a job `opennav.experiment` knows which run."""
        await self.ask(batch_of(run, metrics or {}, step, params or {}, tags or {}))

    # --- flows

    async def check_flow(self, flow: Flow, *, parameters: Mapping[str, Any] | None = None) -> model.FlowGraph:
        """Holds a flow against all that is known, and starts nothing.

        >>> flow = opennav.Flow("wrong")
        >>> a = flow.job("a", ["true"], on="cpu", after="b")
        >>> client.check_flow(flow)
        Traceback (most recent call last):
        opennav.errors.InvalidArgument: there is no component "b" (field: definition.components.a.after[0])
        did you mean a?
        """
        wish = model.CheckFlow(definition=flow.definition(artifacts.digest_of), parameters=texts_of(parameters))
        return await self.ask(api.check_flow(wish))

    async def run_flow(
        self,
        flow: Flow | str,
        *,
        parameters: Mapping[str, Any] | None = None,
        project: str | None = None,
        version: int | None = None,
        trials_allowed: int | None = None,
        cache: bool | None = None,
        key: str | None = None,
    ) -> AsyncFlowRun:
        """Runs a flow, or one that is known by its name. Its files are sent before; nothing starts if it is not sound. With ``cache=False`` all of it
        runs, whatever its components say.

        >>> flow = opennav.Flow("hello")
        >>> say = flow.job("say", ["sh", "-c", "echo {{word}} > $NAV_OUTPUTS/said"], on="cpu", outputs="said", env={"WORD": 1})
        >>> flow.parameters["word"] = "hello"
        >>> run = client.run_flow(flow, parameters={"word": "hi"})
        >>> run.wait(check=True).components[0].state.value
        'succeeded'
        >>> client.get(run.best("say").outputs[0].digest)
        b'hi\\n'
        """
        wish = await self._run_wish(flow, parameters, project, version, trials_allowed, cache)
        started = await self.ask(api.start_flow_run(wish), key=key)
        return await self.flow_run(started.id)

    async def sweep(
        self, command: Sequence[Any], *, on: str | Sequence[Any], name: str = "sweep", project: str | None = None, **wishes: Unpack[SweepWishes]
    ) -> AsyncFlowRun:
        """Runs a sweep alone: a flow of one component, called `name` as its flow is.

        >>> run = client.sweep(["sh", "-c", 'echo "{\\\\"loss\\\\": {{lr}}}" > $NAV_OUTPUTS/metrics.json'], on=["mig-1g.5gb", "cpu"],
        ...                    grid={"lr": [0.1, 0.01, 0.001]}, metric="loss", goal="min")
        >>> run.wait(check=True).components[0].planned
        3
        >>> run.best("sweep").metrics
        {'loss': 0.001}
        """
        flow = Flow(name)
        flow.sweep(name, command, on=on, **wishes)
        return await self.run_flow(flow, project=project)

    async def flow_run(self, run: str) -> AsyncFlowRun:
        """The run with this number, such as run-7."""
        return AsyncFlowRun(self, (await self.ask(api.get_flow_run(run))).run)

    async def flow_runs(self, *, flow: str | None = None, project: str | None = None, most: int | None = 1000) -> list[AsyncFlowRun]:
        """Runs of flows, new to old."""
        runs = self.all(api.list_flow_runs(flow=flow, project=project, limit=min(most or 1000, 1000)), most=most)
        return [AsyncFlowRun(self, run) async for run in runs]

    @property
    def schedules(self) -> AsyncFlowSchedules:
        """Flows that are run again and again."""
        return AsyncFlowSchedules(self)

    async def flows(self, *, project: str | None = None) -> list[model.Flow]:
        """Flows that were run, each with its newest version."""
        return [flow async for flow in self.all(api.list_flows(project=project, limit=1000))]

    # --- artifacts and reports

    async def put(self, content: str | Path | bytes, *, project: str | None = None) -> str:
        """Keeps a file, or bytes, and answers its digest, by which flows name it and `get` finds it. What is there already is not sent twice.

        >>> digest = client.put(b"one\\ntwo\\n")
        >>> client.get(digest)
        b'one\\ntwo\\n'
        """
        return await self._world.run(artifacts.put(self._session, content, project))

    async def get(self, digest: str, *, project: str | None = None) -> bytes:
        """The content of an artifact."""
        content = io.BytesIO()
        await self._world.run(artifacts.get(self._session, digest, content, project))
        return content.getvalue()

    async def fetch(self, digest: str, to: str | Path, *, project: str | None = None) -> Path:
        """Fetches an artifact into the file `to`, which is there only once all of it has come and is what its digest says."""
        part = Path(f"{to}.part")
        with part.open("wb") as file:
            await self._world.run(artifacts.get(self._session, digest, file, project))
        return part.replace(to)

    async def artifacts(self, *, project: str | None = None) -> list[model.Artifact]:
        """What is kept of a project, and who needs it."""
        return [artifact async for artifact in self.all(api.list_artifacts(project=project, limit=1000))]

    async def delete_artifact(self, digest: str, *, project: str | None = None) -> None:
        """Deletes an artifact that nobody needs. What a job, a kept run, a flow or a schedule needs is refused (Conflict), and they are named."""
        await self.ask(api.delete_artifact(digest, project=project))

    async def report(
        self, report: str = "usage", *, since: datetime.datetime | None = None, until: datetime.datetime | None = None, by: str | Sequence[str] = ()
    ) -> model.Report:
        """Who used what: usage, demand, waiting, idle, cost or stranded, of the last week unless told; `opennav.frame` of it is a data frame.

        >>> client.report("usage", by="project").by
        ['project']
        """
        return await self.ask(api.show_report(report, since=since, until=until, by=[by] if isinstance(by, str) else list(by)))

    # --- pool

    async def pool(self) -> model.Pool:
        """Every GPU, its slices and who holds them, at one moment. A notebook shows it as a drawing.

        >>> client.pool().node_states["ready"]
        1
        """
        pool = await self.ask(api.get_pool(limit=1000))
        while pool.next is not None:
            following = await self.ask(api.get_pool(limit=1000, cursor=pool.next))
            pool = replace(pool, nodes=[*pool.nodes, *following.nodes], next=following.next)
        return pool

    async def nodes(self) -> list[model.Node]:
        """All nodes.

        >>> [len(node.gpus) for node in client.nodes()]
        [8]
        """
        return [node async for node in self.all(api.list_nodes(limit=1000))]

    async def templates(self) -> list[model.Template]:
        """What jobs can name in their compute list.

        >>> "mig-1g.5gb" in [template.name for template in client.templates()]
        True
        """
        return [template async for template in self.all(api.list_templates(limit=1000))]

    # --- events

    def events(self, *, after: int | None = None, job: int | None = None, kind: str | Iterable[str] | None = None) -> AsyncIterator[model.Event]:
        """What happens, as it happens, without end. A connection that breaks is taken up where it broke, so nothing is missed. `after` begins behind
        an event's `sequence`, such as the pool's.

        >>> before = client.pool().sequence
        >>> job = client.run("true", on="cpu")
        >>> for event in client.events(after=before, kind=["JobsQueued", "JobEnded"]):
        ...     print(event.kind)
        ...     if event.kind == "JobEnded":
        ...         break
        JobsQueued
        JobEnded
        """
        kinds = None if kind is None else [kind] if isinstance(kind, str) else list(kind)
        return self._world.stream(watch.events(self._session, after, job, kinds))

    async def _run_wish(
        self,
        flow: Flow | str,
        parameters: Mapping[str, Any] | None,
        project: str | None,
        version: int | None,
        trials_allowed: int | None,
        cache: bool | None,
    ) -> model.StartFlowRun:
        wish = model.StartFlowRun(project=project, parameters=texts_of(parameters), trials_allowed=trials_allowed, cache=cache)
        if isinstance(flow, str):
            return replace(wish, flow=flow, version=version)
        await self.check_flow(flow, parameters=parameters)
        sent = {content: await self.put(content, project=project) for content in flow.files()}
        return replace(wish, definition=flow.definition(lambda content: sent[content]))

    async def _submit(
        self,
        command: str | Sequence[str],
        on: str | Sequence[Any],
        key: str | None,
        count: int,
        name: str | None,
        project: str | None,
        env: Mapping[str, str] | None,
        workdir: str | None,
        code: Code | None,
        time_limit: datetime.timedelta | float | None,
        memory_mib: int | None,
        cpus: float | None,
        retries: int | None,
        restartable: bool | None,
        priority: int | None,
        more: Mapping[str, Any],
    ) -> list[AsyncJob]:
        files = None
        if code is not None:
            files, origin = await self._world.run(code_folder.send(self._session, code, project))
            env = {**origin, **(env or {})}
        try:
            wish = model.SubmitJobs(
                command=shlex.split(command) if isinstance(command, str) else list(command),
                on=[on] if isinstance(on, str) else list(on),
                name=name,
                project=project,
                env=None if env is None else dict(env),
                workdir=workdir,
                code=files,
                time_limit=None if time_limit is None else duration(time_limit),
                memory_mib=memory_mib,
                cpu_milli=None if cpus is None else round(cpus * 1000),
                retries=retries,
                restartable=restartable,
                priority=priority,
                count=None if count == 1 else count,
                **more,
            )
        except TypeError as error:
            raise InvalidArgument(str(error).rpartition("() ")[2], "what a job may have: help(opennav.model.SubmitJobs)") from error
        submitted = await self.ask(api.submit_jobs(wish), key=key)
        return [AsyncJob(self, just_queued(submitted.first + index, wish)) for index in range(submitted.count)]


class AsyncJob:
    """A job: what was last seen of it (`record`), and what can be done with it."""

    def __init__(self, client: AsyncClient, record: model.Job) -> None:
        self._client = client
        self.record: model.Job = record  #: as it was when last looked at

    @property
    def id(self) -> int:
        """Its number."""
        return self.record.id

    @property
    def state(self) -> model.JobState:
        """What it was doing when last looked at."""
        return self.record.state

    @property
    def is_over(self) -> bool:
        """It had ended when last looked at, however."""
        return self.record.state in watch.OVER

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} {self.state}{' on ' + self.record.on if self.record.on else ''}>"

    def _repr_html_(self) -> str:
        return html.of_record(self.record)

    async def details(self) -> model.JobDetails:
        """Request, attempts and history, as they are now."""
        details = await self._client.ask(api.get_job(self.id))
        self.record = details.job
        return details

    async def refresh(self) -> AsyncJob:
        """Looks at it anew."""
        await self.details()
        return self

    async def wait(self, *, timeout: float | None = None, progress: bool | None = None, check: bool = False) -> model.JobDetails:
        """Waits until it is over. At a terminal and in a notebook it says how far it is (`progress=False`: nothing).

        With `check`, a job that did not succeed is raised as JobFailed. `timeout`, in seconds, ends the waiting with Timeout, not the job.

        >>> client.run("sh -c 'exit 3'", on="cpu").wait(check=True)
        Traceback (most recent call last):
        opennav.errors.JobFailed: job ... failed: exited with 3
        nav logs ... shows what it wrote
        """
        with progress_of(progress, 1) as shown:
            details = await self._client._world.run(watch.wait(self._client._session, self.id, timeout, shown.see))
        self.record = details.job
        if check:
            raise_if_failed(details)
        return details

    async def log(self, *, attempt: int | None = None) -> str:
        """All it has written until now, standard output and error as they came: of the present or last attempt, or of the one named."""
        return await self._client._world.run(watch.log(self._client._session, self.id, attempt))

    def logs(self, *, attempt: int | None = None) -> AsyncIterator[str]:
        """Lines as it writes them, until it is over; attempt after attempt, or of the one named.

        >>> job = client.run("sh -c 'for i in 1 2 3; do echo line $i; done'", on="cpu")
        >>> for line in job.logs():
        ...     print(line, end="")
        line 1
        line 2
        line 3
        """
        return self._client._world.stream(watch.follow_log(self._client._session, self.id, attempt))

    async def cancel(self) -> bool:
        """Cancels it. True if it is over already, for it only waited; else it is once its attempt has ended. Conflict if it was over before."""
        return (await self._client.ask(api.cancel_job(self.id))).over

    async def door(self) -> str:
        """A link that lets one browser in to its port, once, within a minute. Programs need none: at the door they give their token."""
        return (await self._client.ask(api.open_door(self.id))).url

    async def open(self) -> str:
        """Opens its port in a browser, where there is a desktop; the link in any case, used or not."""
        link = await self.door()
        browser.open_link(link)
        return link

    async def why(self) -> model.Why:
        """Why it waits, or is where it is.

        >>> waiting = client.run_many("sleep 60", 9, on="a100")[8]
        >>> waiting.why().lack.value
        'busy'
        >>> for job in client.jobs(state=["queued", "starting", "running"]):
        ...     _ = job.cancel()
        """
        return await self._client.ask(api.why_job(self.id))


__all__ = ["AsyncClient", "AsyncJob", "Progress"]
