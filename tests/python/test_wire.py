# SPDX-License-Identifier: Apache-2.0
"""What the client makes of servers that are busy, restart, break off or answer nonsense. Each server here follows a script."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

import opennav
from opennav import api, errors, model
from opennav.wire import EventParser

Script = Callable[[int, bytes], bytes]


class Scripted:
    """Answers each request with what the script makes of its number and text; an empty answer is a connection that ends. Keeps what it was asked."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.converse, args=(connection,), daemon=True).start()

    def converse(self, connection: socket.socket) -> None:
        with connection:
            while request := self.read(connection):
                self.asked.append(request)
                answer = self.script(len(self.asked), request)
                connection.sendall(answer)
                if not answer or b"Content-Length" not in answer:
                    return

    @staticmethod
    def read(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n"):
            if line.startswith(b"Content-Length: "):
                while len(body) < int(line[16:]):
                    body += connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def headers(self, name: str) -> list[str]:
        found = []
        for request in self.asked:
            for line in request.decode().split("\r\n\r\n")[0].split("\r\n"):
                if line.startswith(name + ": "):
                    found.append(line.partition(": ")[2])
        return found


@pytest.fixture
def server() -> Iterator[Callable[[Script], Scripted]]:
    made: list[Scripted] = []

    def make(script: Script) -> Scripted:
        made.append(Scripted(script))
        return made[-1]

    yield make
    for one in made:
        one.listener.close()


def ok(value: object) -> bytes:
    body = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def refusal(status: int, kind: str) -> bytes:
    body = json.dumps({"error": {"kind": kind, "message": "said the server", "hint": "do this", "field": "on[0]"}}).encode()
    return b"HTTP/1.1 %d No\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


HEALTHY = {"healthy": True}


def test_a_busy_server_is_asked_again_with_the_same_key(server: Callable[[Script], Scripted]) -> None:
    busy = server(lambda number, _: refusal(503, "unavailable") if number < 3 else ok({"first": 7, "count": 1}))
    assert opennav.Client(busy.url, "secret").run("true", on="cpu").id == 7
    keys = busy.headers("Idempotency-Key")
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert set(busy.headers("Authorization")) == {"Bearer secret"}


def test_a_connection_that_ends_without_an_answer_is_tried_again(server: Callable[[Script], Scripted]) -> None:
    breaking = server(lambda number, _: ok(HEALTHY) if number != 2 else b"")
    client = opennav.Client(breaking.url)
    assert client.ask(api.get_health()).healthy
    assert client.ask(api.get_health()).healthy
    assert len(breaking.asked) == 3


def test_a_change_is_not_sent_twice(server: Callable[[Script], Scripted]) -> None:
    breaking = server(lambda number, _: ok(HEALTHY) if number == 1 else b"")
    client = opennav.Client(breaking.url)
    client.ask(api.get_health())
    with pytest.raises(errors.Unavailable):
        client.ask(api.change_user("ada", model.ChangeUser(disabled=True), if_match='"1"'))
    assert len(breaking.asked) == 2


def test_patience_ends(server: Callable[[Script], Scripted]) -> None:
    busy = server(lambda *_: refusal(429, "too_many"))
    with pytest.raises(errors.TooMany, match="said the server") as refused:
        opennav.Client(busy.url, patience=0.5).ask(api.get_health())
    assert refused.value.hint == "do this"
    assert 2 <= len(busy.asked) <= 4


def test_nobody_there_is_said_at_once() -> None:
    with pytest.raises(errors.Unavailable, match="nobody answers at"):
        opennav.Client("http://127.0.0.1:1", patience=60).ask(api.get_health())


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"x" * 100_000,
    ],
)
def test_nonsense_is_an_error_of_ours(server: Callable[[Script], Scripted], answer: bytes) -> None:
    odd = server(lambda *_: answer)
    with pytest.raises((errors.Unavailable, errors.Timeout)):
        opennav.Client(odd.url, patience=0, timeout=1).ask(api.get_health())


def test_an_answer_that_is_not_what_it_should_be_is_said_so(server: Callable[[Script], Scripted]) -> None:
    odd = server(lambda *_: ok([1, 2]))
    with pytest.raises(errors.Internal, match="the server's answer is not understood"):
        opennav.Client(odd.url).ask(api.get_health())


def test_a_newer_server_is_understood(server: Callable[[Script], Scripted]) -> None:
    why = {"job": 1, "state": "dreaming", "sentence": "it sleeps", "rungs": [], "colour": "green"}
    found = opennav.Client(server(lambda *_: ok(why)).url).ask(api.why_job(1))
    assert (str(found.state), found.sentence) == ("dreaming", "it sleeps")
    assert found.to_dict()["state"] == "dreaming"


def test_bodies_in_chunks_are_put_together(server: Callable[[Script], Scripted]) -> None:
    body = b'5;name=value\r\n{"hea\r\nd\r\nlthy": true}  \r\n0\r\nTrailer: x\r\n\r\n'
    chunked = server(lambda *_: b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    assert opennav.Client(chunked.url).ask(api.get_health()).healthy


def event(sequence: int) -> bytes:
    data = json.dumps({"sequence": sequence, "at": 0, "kind": "JobPlaced", "body": {}}).encode()
    return b"id: %d\nevent: JobPlaced\ndata: %s\n\n" % (sequence, data)


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


def broken_stream(number: int, request: bytes) -> bytes:
    """Two events, and then the connection ends; whoever comes back gets the next two."""
    last = [line for line in request.decode().split("\r\n") if line.startswith("Last-Event-ID: ")]
    begin = int(last[0].split()[1]) + 1 if last else 1
    return STREAM + b": a beat\n\n" + event(begin) + event(begin + 1) + b"id: 99\ndata: {half"


def test_a_broken_stream_is_taken_up_where_it_broke(server: Callable[[Script], Scripted]) -> None:
    breaking = server(broken_stream)
    events = opennav.Client(breaking.url).events()
    assert [next(events).sequence for _ in range(6)] == [1, 2, 3, 4, 5, 6]
    assert breaking.headers("Last-Event-ID") == ["2", "4"]


def test_with_asyncio_too(server: Callable[[Script], Scripted]) -> None:
    breaking = server(broken_stream)

    async def six() -> list[int]:
        async with opennav.AsyncClient(breaking.url) as client:
            found = []
            async for one in client.events():
                found.append(one.sequence)
                if len(found) == 6:
                    break
            return found

    assert asyncio.run(six()) == [1, 2, 3, 4, 5, 6]


def test_a_reader_that_was_too_slow_is_told(server: Callable[[Script], Scripted]) -> None:
    slow = server(lambda *_: STREAM + event(1) + b"event: resync\ndata: {}\n\n")
    events = opennav.Client(slow.url).events()
    assert next(events).sequence == 1
    with pytest.raises(errors.Resync):
        next(events)


def test_events_are_the_same_however_their_bytes_are_cut() -> None:
    whole = event(1) + b": beat\n\n" + event(2).replace(b"\n", b"\r\n")
    for size in range(1, 20):
        parser = EventParser()
        found = [identity for start in range(0, len(whole), size) for _, identity, _ in parser.feed(whole[start : start + size])]
        assert found == ["1", "2"]


def test_a_token_with_a_line_break_is_refused() -> None:
    with pytest.raises(ValueError, match="a line break in the header Authorization"):
        opennav.Client("http://127.0.0.1:1", "one\r\nHost: two").ask(api.get_health())


def test_every_kind_of_error_has_a_class() -> None:
    assert {kind.value for kind in model.ErrorKind} <= set(errors.BY_KIND)


def test_who_waits_and_was_too_slow_looks_again(server: Callable[[Script], Scripted]) -> None:
    job = {"id": 7, "name": "a", "project": "p", "user": "u", "wanted": ["cpu"], "attempt": 1, "submitted": 0}
    request = {"name": "a", "project": "p", "on": ["cpu"], "command": ["true"]}
    rest = {"upgrade": "never", "rungs": [], "workdir": "", "env": {}, "time_limit": 0, "memory_mib": 0, "cpu_milli": 0, "retries": 0, "restartable": False}

    def script(number: int, asked: bytes) -> bytes:
        if b"/v1/events" in asked:
            return STREAM + b"event: resync\ndata: {}\n\n"
        state = "running" if number == 1 else "succeeded"
        request_shown = request | rest | {"priority": 0, "no_preempt": False, "on_out_of_memory": "fail", "code": []}
        details = {"job": job | {"state": state}, "request": request_shown, "stopping": False, "attempts": [], "history": [], **rest}
        return ok(details)

    slow = server(script)
    client = opennav.Client(slow.url)
    assert client._world.run(opennav.watch.wait(client._session, 7)).job.state == "succeeded"  # type: ignore[attr-defined]
    assert len(slow.asked) == 3
