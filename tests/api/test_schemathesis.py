# SPDX-License-Identifier: Apache-2.0
"""Whatever is sent to the API, right or wrong: never a fault of ours, never an answer the API document does not know."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from conftest import Api

HERE = Path(__file__).resolve().parent

# Nothing is said of requests that fit the document and are refused all the same: whether a template or a team exists, no schema knows.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
)
EXAMPLES = os.environ.get("NAV_API_EXAMPLES", "10")


def schemathesis(api: Api, folder: Path, *options: str, token: str | None = None) -> None:
    """Runs it on the operations the options choose, and fails with what it says."""
    command = [Path(sys.executable).parent / "schemathesis", "run", f"{api.url}/openapi.json", "--checks", ",".join(CHECKS), "--max-examples", EXAMPLES]
    command += ["--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure", "--request-timeout", "20", "--seed", "7"]
    command += ["--no-color", "--warnings", "off", *options]
    if token is not None:
        command += ["-H", f"Authorization: Bearer {token}"]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]


def test_an_admin_may_send_anything(api: Api, tmp_path: Path) -> None:
    """All but the stream of events, which has no end; and the taking away of tokens, this run's own among them."""
    schemathesis(
        api,
        tmp_path,
        *("--exclude-operation-id", "follow_events"),
        *("--exclude-operation-id", "revoke_token"),
        *("--exclude-operation-id", "change_user"),
        *("--exclude-tag", "agents"),
        token=api.token,
    )


def test_a_member_too(api: Api, tmp_path: Path) -> None:
    api.call("POST", "/v1/users", {"name": "only-a-member", "role": "member"})
    made = api.call("POST", "/v1/tokens", {"name": "fuzz", "user": "only-a-member"})
    schemathesis(
        api,
        tmp_path,
        *("--exclude-operation-id", "follow_events"),
        *("--exclude-operation-id", "revoke_token"),
        *("--exclude-tag", "agents"),
        token=made["secret"],
    )


def test_strangers_at_the_agents_door(api: Api, tmp_path: Path) -> None:
    schemathesis(api, tmp_path, "--include-tag", "agents", "--exclude-checks", "ignored_auth")


def test_the_controller_is_well_afterwards(api: Api) -> None:
    assert api.call("GET", "/v1/health") == {"healthy": True}
    assert api.call("GET", "/v1/whoami")["role"] == "admin"
