#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The members of a gang meet and add up what each of them has, with nothing but Python.

    nav run --members 4 --on mig-1g.5gb --code examples --wait -- python3 all_reduce.py

Real trainings leave this to torch.distributed or MPI, which find the same variables. Rank 0 listens at MASTER_PORT; the others knock until it
does, for members start together and not at the same instant.
"""

import os
import socket
import time

RANK, MEMBERS = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
MASTER = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
PATIENCE_S = 120


def meet() -> dict[int, socket.socket]:
    """Rank 0: a connection to each other member. The others: one to rank 0."""
    deadline = time.monotonic() + PATIENCE_S
    if RANK != 0:
        while True:
            try:
                connection = socket.create_connection(MASTER, timeout=PATIENCE_S)
                connection.sendall(f"{RANK}\n".encode())
                return {0: connection}
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
    with socket.create_server(("", MASTER[1]), backlog=MEMBERS) as door:
        door.settimeout(PATIENCE_S)
        others: dict[int, socket.socket] = {}
        while len(others) < MEMBERS - 1:
            connection, _ = door.accept()
            connection.settimeout(PATIENCE_S)
            others[int(read_line(connection))] = connection
        return others


def read_line(connection: socket.socket) -> str:
    text = b""
    while not text.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            raise ConnectionError("the other side has gone")
        text += byte
    return text.decode()


def all_reduce(value: float, others: dict[int, socket.socket]) -> float:
    """The sum over all members, the same for each."""
    if RANK != 0:
        others[0].sendall(f"{value!r}\n".encode())
        return float(read_line(others[0]))
    total = value + sum(float(read_line(connection)) for connection in others.values())
    for connection in others.values():
        connection.sendall(f"{total!r}\n".encode())
    return total


if __name__ == "__main__":
    hosts = os.environ["NAV_HOSTS"].split(",")
    members = meet()
    total = all_reduce(RANK + 1.0, members)
    print(f"rank {RANK} of {MEMBERS} on {hosts[RANK]}: the sum is {total:g}", flush=True)
    assert total == MEMBERS * (MEMBERS + 1) / 2
