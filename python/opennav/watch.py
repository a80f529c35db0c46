# SPDX-License-Identifier: Apache-2.0
"""What goes on for a while, as plans: events, logs, jobs until they are over."""

from __future__ import annotations

import codecs
import contextlib
import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from . import api, model
from .errors import NavError, Resync, Timeout, TooMany, Unavailable
from .exchange import Session, ask, insistently, opened, request_of
from .record import from_json
from .wire import BrokenAnswerError, Emit, EventParser, Plan, Sleep

OVER = frozenset({model.JobState.SUCCEEDED, model.JobState.FAILED, model.JobState.CANCELLED, model.JobState.LOST})
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
LONGEST_FLOW_PAUSE = 1.0  # a run has no stream of its own
LONGEST_SILENCE = 60.0  # the server says something every 15 seconds
LOG_PART = 1024 * 1024

Seen = Callable[[model.JobDetails], None]


def events(session: Session, after: int | None = None, job: int | None = None, kind: list[str] | None = None, until: float | None = None) -> Plan[None]:
    """Hands out events without end, from the next one on, or from `after` on. A broken stream is taken up where it broke; with `until`, a moment of
    the monotonic clock, it ends then.
    """
    call = api.follow_events(after=after, job=job, kind=kind)
    last = ""
    pause = SHORTEST_PAUSE
    while True:
        headers = [("Accept", "text/event-stream")] + ([("Last-Event-ID", last)] if last else [])
        reading, _ = yield from opened(session, request_of(session, call, headers=headers))
        parser = EventParser()
        try:
            while True:
                reading.timeout = LONGEST_SILENCE if until is None else min(LONGEST_SILENCE, max(0.001, until - time.monotonic()))
                piece = yield from reading.chunk()
                if not piece:
                    break
                for name, identity, data in parser.feed(piece):
                    if name == "resync":
                        raise Resync("this reader of events was too slow, or asked for what is not there", "read the lists anew and follow from now")
                    last, pause = identity or last, SHORTEST_PAUSE
                    yield Emit(from_json(model.Event, json.loads(data)))
        except (OSError, BrokenAnswerError) as error:
            if isinstance(error, NavError):
                raise
            if until is not None and time.monotonic() >= until:
                return
        finally:
            reading.connection.close()
        yield Sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def wait(session: Session, job: int, timeout: float | None = None, seen: Seen | None = None) -> Plan[model.JobDetails]:
    """The job once it is over. `seen` is told of it at first and whenever something happened to it."""
    until = None if timeout is None else time.monotonic() + timeout
    details = yield from _look(session, job, seen)
    while details.job.state not in OVER:
        if until is not None and time.monotonic() >= until:
            raise Timeout(f"job {job} is {details.job.state} after {timeout:g} s", "it goes on: only the waiting has ended")
        # The next thing that happens to it after what was just seen: nothing can be missed in between.
        after = details.history[-1].sequence if details.history else None
        with contextlib.suppress(Resync):  # too much happened meanwhile: looking says what came of it
            yield from first_of(events(session, after=after, job=job, until=until))
        details = yield from _look(session, job, seen)
    return details


def wait_for_all(session: Session, jobs: Iterable[int], timeout: float | None = None, seen: Seen | None = None) -> Plan[list[model.JobDetails]]:
    """All of them once all are over, in the order given."""
    until = None if timeout is None else time.monotonic() + timeout
    found = []
    for job in jobs:
        left = None if until is None else max(0.0, until - time.monotonic())
        found.append((yield from wait(session, job, left, seen)))
    return found


def wait_for_flow(session: Session, run: str, timeout: float | None = None) -> Plan[model.FlowRunDetails]:
    """The run of a flow once it is over."""
    until = None if timeout is None else time.monotonic() + timeout
    pause = SHORTEST_PAUSE
    while True:
        details = yield from ask(session, api.get_flow_run(run))
        if details.run.state is not model.FlowRunState.RUNNING:
            return details
        if until is not None and time.monotonic() >= until:
            raise Timeout(f"{run} is running after {timeout:g} s", "it goes on: only the waiting has ended")
        yield Sleep(pause if until is None else max(0.001, min(pause, until - time.monotonic())))
        pause = min(1.5 * pause, LONGEST_FLOW_PAUSE)


def log(session: Session, job: int, attempt: int | None = None) -> Plan[str]:
    """All that one attempt has written until now; of one that is over, all it has written."""
    pieces: list[bytes] = []
    offset = 0
    while True:
        call = api.read_log(job, offset=offset, limit=LOG_PART, attempt=attempt)
        response = yield from insistently(session, request_of(session, call))
        pieces.append(response.body)
        following = int(response.headers.get("nav-log-next", "0"))
        if following <= offset or following >= int(response.headers.get("nav-log-size", "0")):
            break
        offset = following
    if response.headers.get("nav-log-complete") != "true":
        number = int(response.headers.get("nav-log-attempt", "0"))
        details = yield from _look(session, job, None)
        if number and _has_ended(details, number):  # its last bytes are on their way
            pieces.append((yield from _to_the_end(session, job, number, max(offset, following))))
    return b"".join(pieces).decode(errors="replace")


def _to_the_end(session: Session, job: int, attempt: int, offset: int) -> Plan[bytes]:
    reading, _ = yield from opened(session, request_of(session, api.read_log(job, offset=offset, attempt=attempt, follow=True)))
    try:
        return (yield from reading.rest())
    finally:
        reading.connection.close()


def follow_log(session: Session, job: int, attempt: int | None = None) -> Plan[model.JobDetails]:
    """Hands out lines as the job writes them, attempt after attempt, until it is over; or those of one attempt."""
    number, offset = attempt or 0, 0
    lines = Lines()
    pause = SHORTEST_PAUSE
    details = yield from _look(session, job, None)
    if number == 0:
        number = min(details.job.attempt, 1)  # from the first one on; 0: the server waits for it
    if details.job.state in OVER and number == 0:
        return details
    while True:
        call = api.read_log(job, offset=offset, attempt=number or None, follow=True)
        got = 0
        broken = False
        try:
            reading, _ = yield from opened(session, request_of(session, call))
            reading.timeout = None
            try:
                while piece := (yield from reading.chunk()):
                    got += len(piece)
                    for line in lines.feed(piece):
                        yield Emit(line)
            finally:
                reading.connection.close()
        except (Unavailable, TooMany, BrokenAnswerError, OSError) as error:
            if isinstance(error, NavError) and not session.answered:
                raise
            broken = True
        offset += got
        details = yield from _look(session, job, None)
        number = number or min(details.job.attempt, 1)
        if not broken and number and _has_ended(details, number):
            for line in lines.rest():
                yield Emit(line)
            if attempt is not None or (details.job.state in OVER and details.job.attempt <= number):
                return details
            if details.job.attempt > number:
                number, offset = number + 1, 0
                continue
        elif details.job.state in OVER and details.job.attempt == 0:
            return details
        pause = SHORTEST_PAUSE if got else min(2 * pause, LONGEST_PAUSE)
        yield Sleep(pause)


class Lines:
    """Text line by line, from bytes that may be cut anywhere. A last line without an end is handed out by `rest`."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._text = ""

    def feed(self, data: bytes) -> list[str]:
        whole = (self._text + self._decoder.decode(data)).split("\n")
        self._text = whole.pop()
        return [line + "\n" for line in whole]

    def rest(self) -> list[str]:
        text = self._text + self._decoder.decode(b"", final=True)
        self.__init__()  # type: ignore[misc]
        return [text] if text else []


def first_of(plan: Plan[None]) -> Plan[Any]:
    """The first item a plan would hand out, or None if it hands out none. The rest of it does not happen."""
    answer: Any = None
    error: BaseException | None = None
    try:
        while True:
            try:
                effect = plan.send(answer) if error is None else plan.throw(error)
            except StopIteration:
                return None
            answer, error = None, None
            if isinstance(effect, Emit):
                return effect.item
            try:
                answer = yield effect
            except GeneratorExit:
                raise
            except BaseException as thrown:
                error = thrown
    finally:
        plan.close()


def _look(session: Session, job: int, seen: Seen | None) -> Plan[model.JobDetails]:
    details = yield from ask(session, api.get_job(job))
    if seen is not None:
        seen(details)
    return details


def _has_ended(details: model.JobDetails, number: int) -> bool:
    if details.job.state in OVER or details.job.attempt > number:
        return True
    return any(one.ended is not None for one in details.attempts if one.id == f"{details.job.id}.{number}")
