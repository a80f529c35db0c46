# SPDX-License-Identifier: Apache-2.0
"""Runs of flows and their schedules.

Made from aio_flows.py by python/tools/generate.py; not to be edited.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import api, html, model, watch
from .errors import Conflict, FlowFailed, NotFound
from .flow import texts_of

if TYPE_CHECKING:
    from .client import Client
    from .flow import Flow


class FlowRun:
    """A run of a flow: what was last seen of it (`record`), and what can be done with it."""

    def __init__(self, client: Client, record: model.FlowRun) -> None:
        self._client = client
        self.record: model.FlowRun = record  #: as it was when last looked at

    @property
    def id(self) -> str:
        """Its number, such as run-7."""
        return self.record.id

    @property
    def state(self) -> model.FlowRunState:
        """How it stood when last looked at."""
        return self.record.state

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} of {self.record.flow}, {self.state}>"

    def _repr_html_(self) -> str:
        return html.of_record(self.record)

    def details(self) -> model.FlowRunDetails:
        """Its components, their jobs, and what each got, as they are now."""
        details = self._client.ask(api.get_flow_run(self.id))
        self.record = details.run
        return details

    def wait(self, *, timeout: float | None = None, check: bool = False) -> model.FlowRunDetails:
        """Waits until it is over. With `check`, a run that did not succeed is raised as FlowFailed. `timeout`, in seconds, ends the waiting, not the run."""
        details = self._client._world.run(watch.wait_for_flow(self._client._session, self.id, timeout))
        self.record = details.run
        if check and details.run.state is not model.FlowRunState.SUCCEEDED:
            raise FlowFailed(self.id, details.run.state.value, details.run.message or "")
        return details

    def cancel(self) -> None:
        """Ends it and its jobs."""
        self._client.ask(api.cancel_flow_run(self.id))

    def approve(self, component: str, note: str = "") -> None:
        """Lets a component that waits for approval start."""
        self._client.ask(api.approve_component(self.id, model.AnswerApproval(component=component, note=note)))

    def reject(self, component: str, note: str = "") -> None:
        """Skips a component that waits for approval, and what needs it.

        >>> flow = opennav.Flow("careful")
        >>> serve = flow.job("serve", ["true"], on="cpu", approval="Is it good enough to be served?")
        >>> run = client.run_flow(flow)
        >>> run.reject("serve", "not yet")
        >>> run.wait().components[0].message
        'it was rejected: not yet'
        """
        self._client.ask(api.reject_component(self.id, model.AnswerApproval(component=component, note=note)))

    def rerun(self, *components: str) -> FlowRun:
        """Runs it again: these components and all that needs them, or without any, what did not succeed. All else is taken over."""
        started = self._client.ask(api.rerun_flow(self.id, model.RerunFlow(components=list(components))))
        return self._client.flow_run(started.id)

    def component(self, name: str) -> model.FlowRunComponent:
        """One of its components, as it is now."""
        components = {one.name: one for one in (self.details()).components}
        if name not in components:
            raise NotFound(f"{self.id} has no component {name}", f"it has: {', '.join(components)}", "component")
        return components[name]

    def trials(self, component: str) -> list[model.FlowTrial]:
        """The jobs of a component: parameters, metrics, and the compute each got. `opennav.frame` makes a table of them."""
        return (self.component(component)).trials

    def best(self, component: str) -> model.FlowTrial:
        """The best trial of a sweep that has succeeded; of a job, its only one."""
        found = self.component(component)
        number = found.best or 0
        if found.state is not model.ComponentState.SUCCEEDED or number >= len(found.trials):
            raise Conflict(f"{component} has no result: it is {found.state}", found.message or "")
        return found.trials[number]

    def fetch(self, component: str, output: str, to: str | Path | None = None) -> Path:
        """Fetches an output into the file `to` (one of its name); of a sweep, its best trial's."""
        left = {one.name: one.digest for one in (self.best(component)).outputs}
        if output not in left:
            raise NotFound(f"{component} left no {output}", f"it left: {', '.join(left) or 'nothing'}", "output")
        return self._client.fetch(left[output], output if to is None else to, project=self.record.project)


class FlowSchedules:
    """Flows that are run again and again: `client.schedules`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def create(
        self,
        flow: Flow | str,
        cron: str,
        *,
        time_zone: str = "UTC",
        parameters: Mapping[str, Any] | None = None,
        project: str | None = None,
        version: int | None = None,
        trials_allowed: int | None = None,
        cache: bool | None = None,
        overlap: str = "skip",
        may_be_late: datetime.timedelta | float = 3600,
        key: str | None = None,
    ) -> model.FlowSchedule:
        """Runs a flow at the times of a cron expression, by the clock of a time zone. Its files are sent now. `may_be_late` is in seconds if it is a
        number; with ``overlap="allow"`` a run starts beside one that still goes on.

        >>> flow = opennav.Flow("nightly")
        >>> work = flow.job("work", ["true"], on="cpu")
        >>> schedule = client.schedules.create(flow, "30 2 * * mon-fri", time_zone="Europe/Berlin")
        >>> schedule.next is not None
        True
        >>> client.schedules.pause(schedule.id).paused
        True
        >>> client.schedules.delete(schedule.id)
        """
        run = self._client._run_wish(flow, parameters, project, version, trials_allowed, cache)
        late = may_be_late if isinstance(may_be_late, datetime.timedelta) else datetime.timedelta(seconds=may_be_late)
        wish = model.MakeFlowSchedule(run=run, cron=cron, time_zone=time_zone, overlap=model.Overlap(overlap), may_be_late=late)
        return self._client.ask(api.make_flow_schedule(wish), key=key)

    def find(self, *, flow: str | None = None, project: str | None = None) -> list[model.FlowSchedule]:
        """All of them, each with its next and its last time."""
        return [one for one in self._client.all(api.list_flow_schedules(flow=flow, project=project, limit=1000))]

    def show(self, schedule: str) -> model.FlowScheduleDetails:
        """The next times of one, and what became of the last ones."""
        return self._client.ask(api.get_flow_schedule(schedule))

    def change(
        self,
        schedule: str,
        *,
        cron: str | None = None,
        time_zone: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        version: int | None = None,
        trials_allowed: int | None = None,
        cache: bool | None = None,
        overlap: str | None = None,
        may_be_late: datetime.timedelta | float | None = None,
    ) -> model.FlowSchedule:
        """Changes one: what is None stays. `parameters` are all of them, the others are the flow's defaults; ``version=0`` is the newest at each time.
        Its runs are your work from now on.

        >>> flow = opennav.Flow("nightly")
        >>> work = flow.job("work", ["true"], on="cpu")
        >>> schedule = client.schedules.create(flow, "30 2 * * mon-fri")
        >>> client.schedules.change(schedule.id, cron="@daily", time_zone="Europe/Berlin").cron
        '@daily'
        >>> client.schedules.delete(schedule.id)
        """
        seen = self._client.answer(api.get_flow_schedule(schedule))
        wish = model.ChangeFlowSchedule(
            version=version,
            parameters=None if parameters is None else texts_of(parameters),
            trials_allowed=trials_allowed,
            cache=cache,
            cron=cron,
            time_zone=time_zone,
            overlap=None if overlap is None else model.Overlap(overlap),
            may_be_late=datetime.timedelta(seconds=may_be_late) if isinstance(may_be_late, (int, float)) else may_be_late,
        )
        return self._client.ask(api.change_flow_schedule(schedule, wish, if_match=seen.etag or ""))

    def pause(self, schedule: str) -> model.FlowSchedule:
        """Lets it start nothing for now."""
        return self._client.ask(api.pause_flow_schedule(schedule))

    def resume(self, schedule: str) -> model.FlowSchedule:
        """Lets it go on with the next time that comes."""
        return self._client.ask(api.resume_flow_schedule(schedule))

    def delete(self, schedule: str) -> None:
        """Deletes it; its runs stay."""
        self._client.ask(api.remove_flow_schedule(schedule))
