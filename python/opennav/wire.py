# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 as the API speaks it, without touching a socket.

Everything that goes over the network is written as a plan: a generator that yields what it wants done (connect, send, receive, sleep, hand an
item to the caller) and is sent the outcome. A world carries a plan out: `world.World` with blocking sockets, `async_world.AsyncWorld` with asyncio.
So the protocol stands here once, and both clients say the same things on the wire.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

LONGEST_HEAD = 64 * 1024


class Connection(Protocol):
    """A connection of some world's. Closing never waits."""

    def close(self) -> None: ...
    def keep(self) -> None:
        """It is in order and may be used for the next request."""


@dataclass(frozen=True)
class Connect:
    """Wants a connection; with `fresh`, one that has not been used before. The outcome is a Connection."""

    fresh: bool = False


@dataclass(frozen=True)
class Send:
    connection: Connection
    data: bytes
    timeout: float | None


@dataclass(frozen=True)
class Receive:
    """Wants some bytes. The outcome is empty at the end; TimeoutError is thrown in when nothing comes for so long."""

    connection: Connection
    timeout: float | None


@dataclass(frozen=True)
class Sleep:
    seconds: float


@dataclass(frozen=True)
class Emit:
    """Hands an item to whoever iterates."""

    item: Any


Effect = Connect | Send | Receive | Sleep | Emit
Plan = Generator[Effect, Any, T]


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    repeatable: bool = False  #: though its method does not say so

    @property
    def may_be_repeated(self) -> bool:
        """Doing it twice is the same as doing it once."""
        return self.repeatable or self.method in ("GET", "HEAD", "PUT", "DELETE") or any(name == "Idempotency-Key" for name, _ in self.headers)

    def to_bytes(self) -> bytes:
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        for name, value in self.headers:
            if any(sign in value for sign in "\r\n\0"):
                raise ValueError(f"a line break in the header {name}")
            lines.append(f"{name}: {value}")
        if self.body or self.method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8") + self.body


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]  #: names in lower case
    body: bytes = b""

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        return json.loads(self.body)


class BrokenAnswerError(ConnectionError):
    """The connection ended, or what came over it is no HTTP."""


class Reading:
    """One answer as it arrives: first its head, then its body piece by piece."""

    def __init__(self, connection: Connection, timeout: float | None) -> None:
        self.connection = connection
        self.timeout = timeout  #: of each wait for more bytes
        self.begun = False  #: anything has come at all
        self._buffer = b""
        self._left: int | None = 0  #: bytes of the body, or of its present chunk; None: until the connection ends
        self._chunked = False
        self._done = False
        self._keep_alive = True

    def head(self) -> Plan[Response]:
        while True:
            version, status = self._status_line((yield from self._line()))
            headers: dict[str, str] = {}
            while line := (yield from self._line()):
                name, colon, value = line.partition(":")
                if not colon:
                    raise BrokenAnswerError("a header without a colon")
                headers[name.strip().lower()] = value.strip()
                if len(headers) > 200:
                    raise BrokenAnswerError("too many headers")
            if status >= 200:
                break
        self._keep_alive = version != "HTTP/1.0" and headers.get("connection", "").lower() != "close"
        self._prepare_body(status, headers)
        return Response(status, headers)

    def chunk(self) -> Plan[bytes]:
        """The next piece of the body; empty at its end, after which the connection may be used again."""
        while not self._done:
            if self._chunked and self._left == 0:
                yield from self._next_chunk()
                continue
            if not self._buffer and not (yield from self._fill()):
                if self._left is None:
                    self._done = True
                    break
                raise BrokenAnswerError("the connection ended in the middle of an answer")
            if self._left is None:
                piece, self._buffer = self._buffer, b""
                return piece
            piece, self._buffer = self._buffer[: self._left], self._buffer[self._left :]
            self._left -= len(piece)
            if self._left == 0:
                if self._chunked:
                    yield from self._line()
                else:
                    self._done = True
            return piece
        self._finish()
        return b""

    def rest(self) -> Plan[bytes]:
        pieces = []
        while piece := (yield from self.chunk()):
            pieces.append(piece)
        return b"".join(pieces)

    def _status_line(self, line: str) -> tuple[str, int]:
        version, _, rest = line.partition(" ")
        if not version.startswith("HTTP/1.") or not rest[:3].isdigit():
            raise BrokenAnswerError("the answer is no HTTP")
        return version, int(rest[:3])

    def _prepare_body(self, status: int, headers: dict[str, str]) -> None:
        if status in (204, 304):
            self._done = True
        elif headers.get("transfer-encoding", "").lower() == "chunked":
            self._chunked = True
        elif "content-length" in headers:
            if not headers["content-length"].isdigit():
                raise BrokenAnswerError("a length that is no number")
            self._left = int(headers["content-length"])
            self._done = self._left == 0
        else:
            self._left, self._keep_alive = None, False

    def _next_chunk(self) -> Plan[None]:
        size = (yield from self._line()).partition(";")[0].strip()
        try:
            self._left = int(size, 16)
        except ValueError:
            raise BrokenAnswerError("a chunk without a size") from None
        if self._left == 0:
            while (yield from self._line()):
                pass
            self._done = True

    def _line(self) -> Plan[str]:
        while b"\n" not in self._buffer:
            if len(self._buffer) > LONGEST_HEAD:
                raise BrokenAnswerError("a line without an end")
            if not (yield from self._fill()):
                raise BrokenAnswerError("the connection ended")
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r").decode("latin-1")

    def _fill(self) -> Plan[bool]:
        data = yield Receive(self.connection, self.timeout)
        self.begun = self.begun or bool(data)
        self._buffer += data
        return bool(data)

    def _finish(self) -> None:
        if self._keep_alive and not self._buffer:
            self.connection.keep()
        else:
            self.connection.close()


class EventParser:
    """Server-sent events from bytes as they come."""

    def __init__(self) -> None:
        self._line = b""
        self._kind, self._id = "", ""
        self._data: list[str] = []

    def feed(self, data: bytes) -> Iterable[tuple[str, str, str]]:
        """Those completed by these bytes: kind, id, data."""
        *lines, self._line = (self._line + data).split(b"\n")
        for raw in lines:
            line = raw.rstrip(b"\r").decode(errors="replace")
            if not line:
                if self._data:
                    yield self._kind or "message", self._id, "\n".join(self._data)
                self._kind, self._data = "", []
                continue
            name, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if name == "data":
                self._data.append(value)
            elif name == "event":
                self._kind = value
            elif name == "id":
                self._id = value
