# SPDX-License-Identifier: Apache-2.0
"""Whom a client believes to be the server: the CAs the system trusts, one in a file, or the one with a fingerprint."""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
from typing import Any

from .errors import Unauthenticated
from .settings import Settings


class Trust:
    """Makes the TLS context, once. Plain HTTP has none."""

    def __init__(self, settings: Settings, ca_file: str | None, connect_timeout: float) -> None:
        self._settings, self._ca_file, self._connect_timeout = settings, ca_file, connect_timeout
        self._context: ssl.SSLContext | None = None
        self._lock = threading.Lock()

    def context(self) -> ssl.SSLContext | None:
        if not self._settings.secure:
            return None
        with self._lock:
            if self._context is None:
                self._context = self._made()
            return self._context

    def _made(self) -> ssl.SSLContext:
        if self._ca_file:
            return ssl.create_default_context(cafile=self._ca_file)
        if self._settings.ca_sha256:
            return ssl.create_default_context(cadata=self._pinned_ca())
        return ssl.create_default_context()

    def _pinned_ca(self) -> str:
        """The CA with the fingerprint, from the chain the server shows. The server itself is not believed in anything, and no request is sent."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with (
            socket.create_connection((self._settings.host, self._settings.port), self._connect_timeout) as plain,
            context.wrap_socket(plain, server_hostname=self._settings.host) as secured,
        ):
            chain = _chain_of(secured)
        for certificate in chain:
            if hashlib.sha256(certificate).hexdigest() == self._settings.ca_sha256:
                return ssl.DER_cert_to_PEM_cert(certificate)
        raise Unauthenticated(
            f"the server at {self._settings.url} does not have the fingerprint it should have",
            "take a fresh address from the administrator; if it is the same, somebody else answers there",
        )


def _chain_of(secured: ssl.SSLSocket) -> list[bytes]:
    """All certificates the server sent. Public since Python 3.13; before that the same thing stands one level deeper."""
    public: Any = getattr(secured, "get_unverified_chain", None)
    if public is not None:
        return [bytes(one) for one in public()]
    inner: Any = secured._sslobj  # type: ignore[attr-defined]
    return [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in inner.get_unverified_chain()]
