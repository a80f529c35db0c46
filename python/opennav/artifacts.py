# SPDX-License-Identifier: Apache-2.0
"""Files by their content, as plans: sent and fetched piece by piece, and held against their digest."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import IO

from . import api, model
from .errors import Internal
from .exchange import Session, ask, insistently, request_of
from .wire import Plan

PIECE = 4 * 1024 * 1024

Content = str | Path | bytes


def opened_content(content: Content) -> IO[bytes]:
    """A file by its path, or bytes as they are."""
    return io.BytesIO(content) if isinstance(content, bytes) else Path(content).open("rb")


def digest_of(content: Content) -> str:
    """`sha256:` and 64 digits: what an artifact is called.

    >>> opennav.artifacts.digest_of(b"hello")
    'sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824'
    """
    total = hashlib.sha256()
    with opened_content(content) as file:
        while piece := file.read(PIECE):
            total.update(piece)
    return "sha256:" + total.hexdigest()


def put(session: Session, content: Content, project: str | None) -> Plan[str]:
    """Sends it, going on where the server says: what it has already is not sent again."""
    digest = digest_of(content)
    with opened_content(content) as file:
        size = file.seek(0, os.SEEK_END)
        # Nothing at first: that tells how much of it is there.
        answer: model.StoredArtifact = yield from ask(session, api.put_artifact(digest, b"", offset=0, size=size, project=project))
        while not answer.complete:
            offset = answer.stored
            file.seek(offset)
            answer = yield from ask(session, api.put_artifact(digest, file.read(PIECE), offset=offset, size=size, project=project))
            if not answer.complete and answer.stored <= offset:
                raise Internal(f"the server keeps {answer.stored} of {size} bytes of {digest} and takes no more")
    return digest


def get(session: Session, digest: str, to: IO[bytes], project: str | None) -> Plan[None]:
    """Writes it to `to`, and raises Internal if what came is not what the digest says."""
    total = hashlib.sha256()
    offset = 0
    while True:
        call = api.get_artifact(digest, project=project, offset=offset, limit=PIECE)
        response = yield from insistently(session, request_of(session, call))
        total.update(response.body)
        to.write(response.body)
        offset = int(response.headers.get("nav-artifact-next", "0"))
        if not response.body or offset >= int(response.headers.get("nav-artifact-size", "0")):
            break
    came = "sha256:" + total.hexdigest()
    if came != digest:
        raise Internal(f"what came is {came}, not {digest}")
