# SPDX-License-Identifier: Apache-2.0
"""What schemathesis is told besides the document."""

from __future__ import annotations

import schemathesis


@schemathesis.hook
def before_call(context: object, case: schemathesis.Case, kwargs: object) -> None:
    """An answer that goes on for ever has no end to look at: a log is read, and not followed."""
    if case.operation.path == "/v1/jobs/{job}/log" and case.query:
        case.query.pop("follow", None)
