# SPDX-License-Identifier: Apache-2.0
"""What schemathesis is told besides the document."""

from __future__ import annotations

import schemathesis


@schemathesis.hook
def before_call(context: object, case: schemathesis.Case, kwargs: object) -> None:
    """An answer that goes on for ever has no end to look at: a log is read, and not followed."""
    if case.operation.path == "/v1/jobs/{job}/log" and case.query:
        case.query.pop("follow", None)
    # Jobs by the hundred thousand are the benchmark's affair: a permitted count is brought down to what the machine runs meanwhile.
    body = case.body
    entries = body.get("jobs") if isinstance(body, dict) else None
    for wish in [body, *(entries if isinstance(entries, list) else [])]:
        if isinstance(wish, dict) and isinstance(wish.get("count"), int) and 20 < wish["count"] <= 100_000:
            wish["count"] = 20
