# SPDX-License-Identifier: Apache-2.0
"""Plans carried out with blocking sockets."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any, TypeVar

from .settings import Settings
from .trust import Trust
from .wire import Connect, Emit, Plan, Receive, Send, Sleep

T = TypeVar("T")


def prepare(sock: socket.socket) -> None:
    """Small requests go out at once, and a server that vanished is noticed even by who only listens."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, seconds in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if option := getattr(socket, name, None):
            sock.setsockopt(socket.IPPROTO_TCP, option, seconds)


class SocketConnection:
    def __init__(self, sock: socket.socket, idle: list[SocketConnection]) -> None:
        self.sock = sock
        self._idle = idle

    def close(self) -> None:
        self.sock.close()

    def keep(self) -> None:
        self._idle.append(self)


class World:
    """Carries plans out. May be used by several threads: a connection belongs to one plan at a time."""

    def __init__(self, settings: Settings, trust: Trust, connect_timeout: float) -> None:
        self.settings, self.trust, self.connect_timeout = settings, trust, connect_timeout
        self._idle: list[SocketConnection] = []

    def run(self, plan: Plan[T]) -> T:
        """The plan's outcome."""
        stream = _Steps(self, plan)
        for _ in stream:
            raise AssertionError("a plan that hands out items is iterated")
        outcome: T = stream.outcome
        return outcome

    def stream(self, plan: Plan[object]) -> Iterator[Any]:
        """The items the plan hands out, as they come. Who stops iterating ends the plan."""
        return iter(_Steps(self, plan))

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def do(self, effect: Connect | Send | Receive | Sleep) -> Any:
        match effect:
            case Connect():
                return self._connect(effect.fresh)
            case Send(SocketConnection() as connection, data, timeout):
                connection.sock.settimeout(timeout)
                return connection.sock.sendall(data)
            case Receive(SocketConnection() as connection, timeout):
                connection.sock.settimeout(timeout)
                return connection.sock.recv(65536)
            case Sleep(seconds):
                return time.sleep(seconds)
        raise TypeError(f"not an effect of this world: {effect!r}")

    def _connect(self, fresh: bool) -> SocketConnection:
        if not fresh:
            try:
                return self._idle.pop()
            except IndexError:
                pass
        context = self.trust.context()
        plain = socket.create_connection((self.settings.host, self.settings.port), self.connect_timeout)
        prepare(plain)
        if context is None:
            return SocketConnection(plain, self._idle)
        try:
            return SocketConnection(context.wrap_socket(plain, server_hostname=self.settings.host), self._idle)
        except BaseException:
            plain.close()
            raise


class _Steps:
    """A plan on its way: an iterator over the items it hands out, with its outcome at the end."""

    outcome: Any = None

    def __init__(self, world: World, plan: Plan[Any]) -> None:
        self._world, self._plan = world, plan

    def __iter__(self) -> Iterator[Any]:
        answer: Any = None
        error: BaseException | None = None
        try:
            while True:
                effect = self._plan.send(answer) if error is None else self._plan.throw(error)
                answer, error = None, None
                if isinstance(effect, Emit):
                    yield effect.item
                    continue
                try:
                    answer = self._world.do(effect)
                except BaseException as thrown:  # also Ctrl-C: the plan closes its connection, then it goes on up
                    error = thrown
        except StopIteration as end:
            self.outcome = end.value
        finally:
            self._plan.close()
