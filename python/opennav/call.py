# SPDX-License-Identifier: Apache-2.0
"""One request of the API, before it is sent."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from .record import to_json

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Call(Generic[T_co]):
    """What to ask, and what kind of value answers it. The functions of `opennav.api` make these; a client sends them with `ask`."""

    method: str
    path: str  #: with names in braces
    answer: type[T_co]
    segments: Mapping[str, Any] = field(default_factory=dict)  #: what stands in the braces
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None  #: a value of the API, or bytes as they are
    keyed: bool = False  #: takes an Idempotency-Key
    repeatable: bool = False  #: a POST that said twice is said once, though it takes no key
    if_match: str | None = None  #: the ETag of what is to be changed

    def target(self, **more: Any) -> str:
        """Path and query, encoded. `more` goes over what the query says."""
        path = self.path
        for name, value in self.segments.items():
            path = path.replace("{" + name + "}", urllib.parse.quote(_text(value), safe=""))
        pairs: list[tuple[str, str]] = []
        for name, value in {**self.query, **more}.items():
            values = value if isinstance(value, (list, tuple)) else [value]
            pairs += [(name, _text(one)) for one in values if one is not None]
        return f"{path}?{urllib.parse.urlencode(pairs)}" if pairs else path

    @property
    def content_type(self) -> str:
        return "application/octet-stream" if isinstance(self.body, bytes) else "application/json"

    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(to_json(self.body), ensure_ascii=False, separators=(",", ":")).encode()


def _text(value: Any) -> str:
    value = to_json(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
