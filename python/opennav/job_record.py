# SPDX-License-Identifier: Apache-2.0
"""What is known of a job before anybody has looked at it, and what its end means."""

from __future__ import annotations

import datetime

from . import model
from .errors import JobFailed


def just_queued(number: int, wish: model.SubmitJobs) -> model.Job:
    """A job as the answer to its submission tells of it."""
    now = datetime.datetime.now(datetime.timezone.utc)
    name = wish.name or (wish.command[0].rsplit("/", 1)[-1] if wish.command else "notebook")
    wanted = [one if isinstance(one, str) else str(getattr(one, "on", None) or getattr(one, "template", one)) for one in wish.on]
    return model.Job(id=number, name=name, project=wish.project or "", user="", state=model.JobState.QUEUED, wanted=wanted, attempt=0, submitted=now)


def raise_if_failed(details: model.JobDetails) -> None:
    """JobFailed, unless it has succeeded."""
    job = details.job
    if job.state is not model.JobState.SUCCEEDED:
        raise JobFailed(job.id, job.state.value, job.message or "", job.exit_code)
