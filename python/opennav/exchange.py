# SPDX-License-Identifier: Apache-2.0
"""Requests as plans: asked again where that is safe, and read as what they are."""

from __future__ import annotations

import ssl
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from .call import Call
from .errors import Internal, NavError, TooMany, Unauthenticated, Unavailable, error_of
from .errors import Timeout as TookTooLong
from .record import from_json
from .settings import Settings
from .wire import BrokenAnswerError, Connect, Connection, Emit, Plan, Reading, Request, Response, Send, Sleep

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

SHORTEST_PAUSE, LONGEST_PAUSE = 0.1, 5.0


@dataclass
class Session:
    """What requests of one client have in common."""

    settings: Settings
    agent: str  #: this program, as the server's log shows it
    patience: float  #: seconds for which a server that is busy or restarting is asked again
    timeout: float  #: seconds without a byte, after which an answer is given up
    answered: bool = field(default=False)  #: the server has answered before, so it is worth waiting for


@dataclass(frozen=True)
class Answer(Generic[T]):
    """A value with what its change needs."""

    value: T
    etag: str | None


class Page(Protocol[T_co]):
    """A part of a list, and where it goes on."""

    @property
    def items(self) -> Sequence[T_co]: ...
    @property
    def next(self) -> str | None: ...


def request_of(session: Session, call: Call[Any], key: str | None = None, target: str | None = None, headers: list[tuple[str, str]] | None = None) -> Request:
    """What goes over the wire. A POST gets its Idempotency-Key here, so that asking again does not do it twice."""
    lines = [("Host", session.settings.authority), ("User-Agent", session.agent), ("Accept", "application/json, text/plain, text/event-stream")]
    if session.settings.token:
        lines.append(("Authorization", f"Bearer {session.settings.token}"))
    body = call.content()
    if body:
        lines.append(("Content-Type", call.content_type))
    if call.if_match is not None:
        lines.append(("If-Match", call.if_match))
    if call.keyed:
        lines.append(("Idempotency-Key", key or uuid.uuid4().hex))
    return Request(call.method, target or call.target(), lines + (headers or []), body, call.repeatable)


def ask(session: Session, call: Call[T], key: str | None = None) -> Plan[T]:
    return (yield from answer(session, call, key)).value


def answer(session: Session, call: Call[T], key: str | None = None) -> Plan[Answer[T]]:
    response = yield from insistently(session, request_of(session, call, key))
    return Answer(_value_of(call, response), response.headers.get("etag"))


def all_items(session: Session, call: Call[Any], most: int | None = None) -> Plan[None]:
    """Hands out the items of a list, page after page."""
    cursor = call.query.get("cursor")
    given = 0
    while most is None or given < most:
        response = yield from insistently(session, request_of(session, call, target=call.target(cursor=cursor)))
        page = _value_of(call, response)
        for item in page.items:
            if most is not None and given >= most:
                return
            given += 1
            yield Emit(item)
        cursor = page.next
        if cursor is None:
            return


def insistently(session: Session, request: Request) -> Plan[Response]:
    """A success. A server that is busy or restarting is asked again where repeating is safe; any other answer is raised."""
    return (yield from _repeated(session, request, lambda: _once(session, request)))


def opened(session: Session, request: Request) -> Plan[tuple[Reading, Response]]:
    """The same, with the body still to come. The reading's connection is the caller's to close."""
    return (yield from _repeated(session, request, lambda: _begun(session, request, fresh=True)))


def _repeated(session: Session, request: Request, attempt: Callable[[], Plan[T]]) -> Plan[T]:
    deadline = time.monotonic() + session.patience
    pause = SHORTEST_PAUSE
    while True:
        try:
            outcome = yield from attempt()
            session.answered = True
            return outcome
        except (TooMany, Unavailable, TookTooLong) as error:
            # Who has never been answered is told at once that nobody is there.
            is_there = session.answered or error.status is not None
            if not is_there or not request.may_be_repeated or time.monotonic() + pause > deadline:
                raise
        yield Sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _once(session: Session, request: Request) -> Plan[Response]:
    reading, response = yield from _begun(session, request, fresh=not request.may_be_repeated)
    try:
        body = yield from reading.rest()
    except (OSError, BrokenAnswerError) as error:
        reading.connection.close()
        raise _of_the_way(session, error) from error
    except BaseException:
        reading.connection.close()
        raise
    return Response(response.status, response.headers, body)


def _begun(session: Session, request: Request, fresh: bool) -> Plan[tuple[Reading, Response]]:
    """A connection on which a success has begun to arrive."""
    data = request.to_bytes()
    while True:
        connection: Connection | None = None
        reading: Reading | None = None
        try:
            connection = yield Connect(fresh)
            assert connection is not None
            yield Send(connection, data, session.timeout)
            reading = Reading(connection, session.timeout)
            response = yield from reading.head()
            if not response.is_success:
                body = yield from reading.rest()
                raise error_of(response.status, body)
            return reading, response
        except (OSError, BrokenAnswerError) as error:
            if connection is not None:
                connection.close()
            if isinstance(error, NavError):
                raise
            if not fresh and not isinstance(error, TimeoutError) and not (reading and reading.begun):
                fresh = True  # a kept connection that the server has closed meanwhile says nothing about the server
                continue
            raise _of_the_way(session, error) from error
        except NavError:
            raise
        except BaseException:
            if connection is not None:
                connection.close()
            raise


def _of_the_way(session: Session, error: Exception) -> NavError:
    url = session.settings.url
    if isinstance(error, ssl.SSLCertVerificationError):
        return Unauthenticated(f"the server at {url} is not known to be who it should be: {error.verify_message}", "ca_file or ca_sha256 say which CA it has")
    if isinstance(error, TimeoutError):
        return TookTooLong(f"no answer from {url} in time")
    return Unavailable(f"nobody answers at {url}: {error or type(error).__name__}", "is nav running there? nav up starts it")


def _value_of(call: Call[T], response: Response) -> T:
    kind: Any = call.answer
    if kind is str:
        return response.body.decode(errors="replace")  # type: ignore[return-value]
    if kind is bytes:
        return response.body  # type: ignore[return-value]
    if kind is type(None):
        return None  # type: ignore[return-value]
    try:
        return from_json(call.answer, response.json())
    except ValueError as error:
        raise Internal(f"the server's answer is not understood: {error}", "is this package as new as the server?") from error
