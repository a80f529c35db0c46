# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, as exceptions. Each says what happened, and where it is known which field was wrong and what would be right."""

from __future__ import annotations

import json


class NavError(Exception):
    """The base of all of them.

    `message` says what went wrong, `hint` what would be right, `field` which part of the request it is about (``on[0]``), `status` the HTTP
    status if the server answered.
    """

    kind = "internal"

    def __init__(self, message: str, hint: str = "", field: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.message, self.hint, self.field, self.status = message, hint, field, status

    def __str__(self) -> str:
        text = self.message
        if self.field:
            text += f" (field: {self.field})"
        if self.hint:
            text += f"\n{self.hint}"
        return text


class InvalidArgument(NavError, ValueError):
    """The request is wrong: `field` says where."""

    kind = "invalid_argument"


class Unauthenticated(NavError):
    """No token, a wrong one; or the server is not who it should be."""

    kind = "unauthenticated"


class Forbidden(NavError):
    """The token is good, but may not do this."""

    kind = "forbidden"


class NotFound(NavError, LookupError):
    """There is no such thing, or you may not see it."""

    kind = "not_found"


class Conflict(NavError):
    """The state things are in does not allow it."""

    kind = "conflict"


class PreconditionFailed(NavError):
    """What is to be changed has changed meanwhile: look again."""

    kind = "precondition_failed"


class TooLarge(NavError):
    """The request is larger than the server takes."""

    kind = "too_large"


class TooMany(NavError):
    """The server has too much to do, for longer than this client was patient."""

    kind = "too_many"


class Unsupported(NavError):
    """This version cannot do that."""

    kind = "unsupported"


class Unavailable(NavError, ConnectionError):
    """Nobody answers, or answers now."""

    kind = "unavailable"


class StorageFull(NavError):
    """The server's disk is full."""

    kind = "storage_full"


class Timeout(NavError, TimeoutError):
    """It took longer than it was allowed to."""

    kind = "timeout"


class Internal(NavError):
    """A fault of the server's, or an answer that is not understood."""

    kind = "internal"


class Resync(NavError):
    """This reader of events was too slow, or asked for what is not there any more: read the lists anew, and follow from now."""

    kind = "resync"


class JobFailed(NavError):
    """A job did not succeed, and `check=True` asked to be told. `job` is its number, `exit_code` its own if it has one."""

    kind = "job_failed"

    def __init__(self, job: int, state: str, message: str, exit_code: int | None) -> None:
        super().__init__(f"job {job} {state}" + (f": {message}" if message else ""), hint=f"nav logs {job} shows what it wrote")
        self.job, self.state, self.exit_code = job, state, exit_code


class FlowFailed(NavError):
    """A run of a flow did not succeed, and `check=True` asked to be told. `run` is its number."""

    kind = "flow_failed"

    def __init__(self, run: str, state: str, message: str) -> None:
        super().__init__(f"{run} {state}" + (f": {message}" if message else ""), hint=f"nav flow show {run} shows each job")
        self.run, self.state = run, state


def _kinds(of: type[NavError]) -> dict[str, type[NavError]]:
    return {sub.kind: sub for sub in of.__subclasses__()}


BY_KIND = _kinds(NavError)
BY_STATUS: dict[int, type[NavError]] = {
    400: InvalidArgument, 401: Unauthenticated, 403: Forbidden, 404: NotFound, 405: Unsupported, 408: Timeout, 409: Conflict, 412: PreconditionFailed,
    413: TooLarge, 415: InvalidArgument, 429: TooMany, 501: Unsupported, 503: Unavailable, 504: Timeout, 507: StorageFull,
}  # fmt: skip


def error_of(status: int, body: bytes) -> NavError:
    """What an answer that is no success means: its JSON error, or what its status alone says."""
    try:
        said = json.loads(body)["error"]
        kind = BY_KIND.get(said["kind"], Internal)
        return kind(said["message"], said.get("hint", ""), said.get("field", ""), status)
    except (ValueError, KeyError, TypeError):
        text = body[:200].decode(errors="replace").strip()
        return BY_STATUS.get(status, Internal)(f"the server answered {status}" + (f": {text}" if text else ""), status=status)
