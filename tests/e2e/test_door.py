# SPDX-License-Identifier: Apache-2.0
"""The door: ports of jobs, reached through the controller by HTTP and WebSocket, over real agents."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import signal
import socket
import struct
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from installation import Installation, wait_until

# What the jobs run: an echo of bodies, a WebSocket that echoes frames, downloads, and an answer that never ends.
SERVICE = r"""
import base64, hashlib, http.server, os, socketserver, struct, sys, time

class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *words): pass
    def do_GET(self):
        if self.headers.get("Upgrade", "").lower() == "websocket": return self.echo_frames()
        name = self.path.rsplit("/", 1)[-1]
        if name.startswith("bytes-"):
            size = int(name[6:])
            self.send_response(200)
            self.send_header("Content-Length", str(size))
            self.end_headers()
            block = bytes(range(256)) * 256
            while size > 0:
                size -= self.wfile.write(block[:size])
            return
        if name == "endless":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            while True:
                self.wfile.write(b"5\r\nhello\r\n")
                self.wfile.flush()
                time.sleep(0.05)
        self.answer(f"{self.path}\n{self.headers}".encode())
    def do_POST(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(body)
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def echo_frames(self):
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Connection", "Upgrade")
        self.send_header("Upgrade", "websocket")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.close_connection = True
        while True:
            head = self.rfile.read(2)
            if len(head) < 2 or head[0] & 15 == 8: return
            size = head[1] & 127
            if size == 126: size = struct.unpack(">H", self.rfile.read(2))[0]
            elif size == 127: size = struct.unpack(">Q", self.rfile.read(8))[0]
            mask = self.rfile.read(4)
            data = bytes(byte ^ mask[i % 4] for i, byte in enumerate(self.rfile.read(size)))
            length = bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size)
            self.wfile.write(b"\x82" + length + data)

class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

Server(("127.0.0.1", int(os.environ["NAV_PORT"])), Service).serve_forever()
"""


class Door:
    """The door of an installation, as programs and browsers use it."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation

    @property
    def port(self) -> int:
        return int(urlsplit((self.installation.data / "run" / "door-url").read_text().strip()).port or 0)

    @property
    def token(self) -> str:
        return (self.installation.data / "admin-token").read_text().strip()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def ask(self, job: int, path: str = "/", *, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None, host: str = "localhost",
            token: str | None = None) -> tuple[int, bytes, http.client.HTTPMessage]:  # fmt: skip
        connection = self.connect()
        try:
            given = {"Host": host} | (headers or {})
            if token is not None or headers is None or "Cookie" not in headers:
                given["Authorization"] = f"Bearer {token or self.token}"
            connection.request(method, f"/jobs/{job}{path}", body=body, headers=given)
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()


def serve(installation: Installation) -> int:
    """A job with the service above, which answers."""
    job = installation.submit("--on", "cpu", "--", "python3", "-c", SERVICE)
    door = Door(installation)
    wait_until(f"job {job} answers", lambda: door.ask(job)[0] == 200, 120)
    return job


@pytest.fixture(scope="module")
def service(dgx: Installation) -> int:
    return serve(dgx)


@pytest.fixture
def door(dgx: Installation) -> Door:
    return Door(dgx)


def test_a_request_reaches_the_job_as_it_was_written(door: Door, service: int) -> None:
    status, body, _ = door.ask(service, "/lab/a%20b?x=%2F&y=", headers={"X-Mine": "1"})
    assert status == 200
    lines = body.decode().splitlines()
    assert lines[0] == f"/jobs/{service}/lab/a%20b?x=%2F&y="
    assert "X-Mine: 1" in lines
    assert "Nav-User: admin" in lines
    assert "nav_" not in body.decode()


def test_large_bodies_pass_both_ways(door: Door, service: int) -> None:
    body = os.urandom(1 << 20) * 24
    status, back, _ = door.ask(service, "/echo", method="POST", body=body)
    assert status == 200
    assert hashlib.sha256(back).digest() == hashlib.sha256(body).digest()
    status, back, _ = door.ask(service, "/echo", method="POST", body=iter([b"in ", b"chunks"]))
    assert (status, back) == (200, b"in chunks")
    status, back, headers = door.ask(service, "/bytes-50000000")
    assert (status, len(back), headers["Content-Length"]) == (200, 50_000_000, "50000000")


def resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])


def test_a_visitor_who_reads_slowly_slows_the_service_down_and_fills_no_memory(dgx: Installation, door: Door, service: int) -> None:
    before = resident_kib(dgx.server.pid)
    connection = door.connect()
    # With a small window every piece the door writes has to wait.
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    connection.sock.connect(("127.0.0.1", door.port))
    connection.request("GET", f"/jobs/{service}/bytes-2000000000", headers={"Host": "localhost", "Authorization": f"Bearer {door.token}"})
    answer = connection.getresponse()
    for _ in range(800):
        assert len(answer.read(128 * 1024)) == 128 * 1024
    assert resident_kib(dgx.server.pid) - before < 30_000
    connection.close()


class WebSocket:
    def __init__(self, port: int, job: int, headers: dict[str, str]) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        lines = [f"GET /jobs/{job}/ws HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
        lines += [f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", *(f"{name}: {value}" for name, value in headers.items())]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        while self.file.readline().strip():
            pass

    def echo(self, data: bytes) -> bytes:
        mask = os.urandom(4)
        length = bytes([0x80 | len(data)]) if len(data) < 126 else bytes([0xFE]) + struct.pack(">H", len(data))
        self.socket.sendall(b"\x82" + length + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))
        size = self.file.read(2)[1]
        if size == 126:
            size = struct.unpack(">H", self.file.read(2))[0]
        return self.file.read(size)


def test_a_websocket_passes(door: Door, service: int) -> None:
    socket_ = WebSocket(door.port, service, {"Host": "localhost", "Authorization": f"Bearer {door.token}"})
    assert socket_.status == 101
    for size in (0, 1, 125, 126, 60_000):
        data = os.urandom(size)
        assert socket_.echo(data) == data
    socket_.socket.close()


def enter(door: Door, job: int) -> str:
    """A browser's way in: the link, once; the cookie it leaves."""
    link = urlsplit(door.installation.nav("open", str(job)).out.strip())
    host = link.netloc
    assert host == f"job-{job}.localhost:{door.port}"

    def follow() -> tuple[int, http.client.HTTPMessage]:
        connection = door.connect()
        connection.request("GET", f"{link.path}?{link.query}", headers={"Host": host})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers

    status, headers = follow()
    assert (status, headers["Location"]) == (303, f"/jobs/{job}/")
    assert "HttpOnly" in headers["Set-Cookie"] and f"Path=/jobs/{job}/" in headers["Set-Cookie"]
    assert follow()[0] == 403, "a link works once"
    return str(headers["Set-Cookie"]).split(";")[0]


def test_a_browser_comes_in_by_a_link_and_its_cookie_opens_no_more_than_this_job(door: Door, service: int) -> None:
    cookie = enter(door, service)
    host = f"job-{service}.localhost:{door.port}"
    status, body, _ = door.ask(service, headers={"Cookie": f"{cookie}; mine=1"}, host=host)
    assert status == 200
    assert "Cookie: mine=1" in body.decode().splitlines()
    # The API does not know it.
    url = urlsplit((door.installation.data / "run" / "url").read_text().strip())
    for name in (cookie, cookie.replace(cookie.split("=")[0], "nav_session_" + cookie.split("_")[2])):
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=60)
        connection.request("GET", "/v1/jobs", headers={"Cookie": name})
        assert connection.getresponse().status == 401
        connection.close()
    # Pages elsewhere cannot open WebSockets with it, nor send anything.
    for origin, wanted in (("http://evil.example", 403), (f"http://{host}", 101)):
        assert WebSocket(door.port, service, {"Host": host, "Cookie": cookie, "Origin": origin}).status == wanted
    assert door.ask(service, "/echo", method="POST", body=b"x", headers={"Cookie": cookie, "Origin": "http://evil.example"}, host=host)[0] == 403
    assert door.ask(service, headers={"Cookie": cookie}, host="evil.example")[0] == 421
    assert door.ask(service, headers={"Cookie": cookie}, host="job-99.localhost")[0] == 421
    # Nothing of it is in the log.
    assert cookie.split("=")[1] not in door.installation.log.read_text()


def test_others_are_refused_and_a_revoked_token_ends_what_goes_on(door: Door, service: int) -> None:
    nav = door.installation
    for user in ("ada", "bob"):
        assert nav.nav("user", "add", user).code == 0
    assert nav.nav("project", "members", "default", "--add", "ada").code == 0
    tokens = {user: nav.nav("token", "create", "laptop", "--user", user).out.split()[0] for user in ("ada", "bob")}
    assert door.ask(service, token=tokens["ada"])[0] == 200
    status, body, _ = door.ask(service, token=tokens["bob"])
    unknown = door.ask(service + 1000, token=tokens["bob"])
    assert (status, unknown[0]) == (404, 404)
    assert body.decode().replace(f"job {service} ", "job N ") == unknown[1].decode().replace(f"job {service + 1000} ", "job N ")
    assert door.ask(service, token="nav_wrong")[0] == 401

    connection = door.connect()
    connection.request("GET", f"/jobs/{service}/endless", headers={"Host": "localhost", "Authorization": f"Bearer {tokens['ada']}"})
    answer = connection.getresponse()
    assert answer.read(5) == b"hello"
    ids = [token["id"] for token in nav.ask("token", "list")["items"] if token["user"] == "ada"]
    for token in ids:
        assert nav.nav("token", "revoke", token).code == 0
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    assert door.ask(service, token=tokens["ada"])[0] == 401


def sockets_of(pid: int) -> int:
    found = 0
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found += os.readlink(fd).startswith("socket:")
        except OSError:
            continue
    return found


def threads_of(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def agent_of(nav: Installation) -> int:
    assert nav.server is not None
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
        if parent == nav.server.pid and b"agent" in words:
            return int(entry.name)
    return 0


def begin_endless(door: Door, job: int) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    connection = door.connect()
    connection.request("GET", f"/jobs/{job}/endless", headers={"Host": "localhost", "Authorization": f"Bearer {door.token}"})
    answer = connection.getresponse()
    assert answer.read(5) == b"hello"
    return connection, answer


def test_what_ends_in_the_middle_is_seen_to_end_and_nothing_is_left(fresh: Installation) -> None:
    fresh.start()
    door = Door(fresh)
    job = serve(fresh)
    assert fresh.server is not None
    agent = agent_of(fresh)
    # One visit of each kind, so that what is kept for the next ones is there already.
    connection, answer = begin_endless(door, job)
    connection.close()
    wait_until("tunnels are as before", lambda: door.ask(job)[0] == 200)
    threads = threads_of(fresh.server.pid), threads_of(agent)

    # The visitor leaves.
    for _ in range(30):
        connection, answer = begin_endless(door, job)
        answer.close()
        connection.close()
    wait_until("the sockets of 30 visitors are closed", lambda: sockets_of(fresh.server.pid) < 40 and sockets_of(agent) < 40, 120)
    assert (threads_of(fresh.server.pid), threads_of(agent)) == threads

    # The agent is killed.
    connection, answer = begin_endless(door, job)
    os.kill(agent, signal.SIGKILL)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        answer.read()
    wait_until("the job is reached again", lambda: door.ask(job)[0] == 200, 120)

    # The job is.
    connection, answer = begin_endless(door, job)
    assert fresh.nav("cancel", str(job)).code == 0
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        answer.read()
    fresh.wait_for_state(job, "cancelled")
    status, body, _ = door.ask(job, headers={"Accept": "text/html"}, token=door.token)
    assert status == 410
    assert b"is over" in body and body.startswith(b"<!doctype html>")

    # The controller is. The job runs on; the cookie of before opens it still.
    job = serve(fresh)
    cookie = enter(door, job)
    connection, answer = begin_endless(door, job)
    fresh.server.send_signal(signal.SIGKILL)
    fresh.server.wait()
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        answer.read()
    fresh.start()
    wait_until(
        "the job is reached again",
        lambda: door.ask(job, headers={"Cookie": cookie}, host=f"job-{job}.localhost:{door.port}")[0] == 200,
        120,
    )


def test_a_job_that_waits_and_one_that_does_not_listen(door: Door, dgx: Installation) -> None:
    quiet = dgx.submit("--on", "cpu", "--", "sleep", "600")
    dgx.wait_for_state(quiet, "running")
    said = wait_until("it is said that nothing listens", lambda: (found := door.ask(quiet))[0] == 503 and b"listen" in found[1] and found)
    assert said[2]["Retry-After"]
    holders = dgx.submit("--on", "a100", "--count", "8", "--", "sleep", "600")
    waiting = dgx.submit("--on", "a100", "--", "sleep", "600")
    status, body, _ = door.ask(waiting)
    assert status == 503
    assert f"job {waiting} waits: " in body.decode()
    assert dgx.nav("cancel", str(waiting), f"{holders}-{holders + 7}", str(quiet)).code == 0
