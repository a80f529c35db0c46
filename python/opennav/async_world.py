# SPDX-License-Identifier: Apache-2.0
"""Plans carried out with asyncio."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, TypeVar

from .settings import Settings
from .trust import Trust
from .wire import Connect, Emit, Plan, Receive, Send, Sleep
from .world import prepare

T = TypeVar("T")


class StreamConnection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, idle: list[StreamConnection]) -> None:
        self.reader, self.writer = reader, writer
        self._idle = idle

    def close(self) -> None:
        self.writer.close()

    def keep(self) -> None:
        self._idle.append(self)


class AsyncWorld:
    """Carries plans out in one event loop."""

    def __init__(self, settings: Settings, trust: Trust, connect_timeout: float) -> None:
        self.settings, self.trust, self.connect_timeout = settings, trust, connect_timeout
        self._idle: list[StreamConnection] = []

    async def run(self, plan: Plan[T]) -> T:
        """The plan's outcome."""
        outcome: list[T] = []
        async for _ in self._steps(plan, outcome):
            raise AssertionError("a plan that hands out items is iterated")
        return outcome[0]

    def stream(self, plan: Plan[object]) -> AsyncIterator[Any]:
        """The items the plan hands out, as they come."""
        return self._steps(plan, [])

    async def aclose(self) -> None:
        while self._idle:
            connection = self._idle.pop()
            connection.close()
            with contextlib.suppress(OSError, asyncio.TimeoutError):  # it is gone either way
                await connection.writer.wait_closed()

    async def do(self, effect: Connect | Send | Receive | Sleep) -> Any:
        match effect:
            case Connect():
                return await self._connect(effect.fresh)
            case Send(StreamConnection() as connection, data, timeout):
                connection.writer.write(data)
                return await asyncio.wait_for(connection.writer.drain(), timeout)
            case Receive(StreamConnection() as connection, timeout):
                return await asyncio.wait_for(connection.reader.read(65536), timeout)
            case Sleep(seconds):
                return await asyncio.sleep(seconds)
        raise TypeError(f"not an effect of this world: {effect!r}")

    async def _connect(self, fresh: bool) -> StreamConnection:
        if not fresh and self._idle:
            return self._idle.pop()
        # Fetching a pinned CA waits for the network, so it is done beside the loop.
        context = await asyncio.to_thread(self.trust.context)
        host = self.settings.host
        opened = asyncio.open_connection(host, self.settings.port, ssl=context, server_hostname=host if context else None)
        reader, writer = await asyncio.wait_for(opened, self.connect_timeout)
        prepare(writer.get_extra_info("socket"))
        return StreamConnection(reader, writer, self._idle)

    async def _steps(self, plan: Plan[T], outcome: list[T]) -> AsyncIterator[Any]:
        answer: Any = None
        error: BaseException | None = None
        try:
            while True:
                try:
                    effect = plan.send(answer) if error is None else plan.throw(error)
                except StopIteration as end:
                    outcome.append(end.value)
                    return
                answer, error = None, None
                if isinstance(effect, Emit):
                    yield effect.item
                    continue
                try:
                    answer = await self.do(effect)
                except asyncio.TimeoutError as late:  # an exception of its own before Python 3.11
                    error = TimeoutError(str(late))
                except BaseException as thrown:  # also a cancellation: the plan closes its connection, then it goes on up
                    error = thrown
        finally:
            plan.close()
