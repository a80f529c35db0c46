# SPDX-License-Identifier: Apache-2.0
"""Somebody's own program, which hears of a pool's health."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """A little HTTP server that keeps what it is sent, and answers as it is told to."""

    def __init__(self) -> None:
        self.status = 204
        self.tries: list[tuple[dict[str, str], bytes]] = []
        self.taken: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                came = ({name.lower(): value for name, value in self.headers.items()}, self.rfile.read(int(self.headers["Content-Length"])))
                receiver.tries.append(came)
                if receiver.status < 300:
                    receiver.taken.append(came)
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, format: str, *words: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/told"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def notices(self, *kinds: str) -> list[Any]:
        read = [json.loads(body) for _, body in self.taken]
        return [notice for notice in read if not kinds or notice["kind"] in kinds]

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
