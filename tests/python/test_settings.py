# SPDX-License-Identifier: Apache-2.0
"""Which server is meant, and whether it is the one it should be."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from installation import Installation, nav_program, wait_until

import opennav
from opennav import api, errors
from opennav.settings import find_settings, parse_address

PIN = "ab" * 32


def test_the_environment_goes_before_a_login_and_that_before_this_machine(tmp_path: Path) -> None:
    kept = tmp_path / ".config" / "opennav" / "login.json"
    kept.parent.mkdir(parents=True)
    kept.write_text(json.dumps({"url": "https://kept:1", "token": "kept", "ca_sha256": PIN}))
    local = tmp_path / "data"
    (local / "run").mkdir(parents=True)
    (local / "run" / "url").write_text("http://127.0.0.1:5\n")
    (local / "admin-token").write_text("local\n")
    home = {"HOME": str(tmp_path)}
    assert (found := find_settings(home)).url == "https://kept:1"
    assert (found.token, found.ca_sha256) == ("kept", PIN)
    assert find_settings({**home, "NAV_DATA": str(local)}).token == "local"
    token = tmp_path / "token"
    token.write_text("from a file\n")
    named = find_settings({**home, "NAV_URL": "http://127.0.0.1:7", "NAV_TOKEN_FILE": str(token)})
    assert (named.url, named.token) == ("http://127.0.0.1:7", "from a file")
    assert find_settings({**home, "NAV_URL": "https://kept:1/"}).token == "kept"
    assert find_settings({**home, "NAV_URL": "https://other:1"}).token == ""
    assert "kept" not in repr(find_settings({**home, "NAV_URL": "https://kept:1", "NAV_TOKEN": "kept-secret"})).replace("https://kept", "")


def test_nothing_named_and_nothing_here_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(errors.Unavailable, match="no server is running in") as missing:
        find_settings({"HOME": str(tmp_path), "NAV_DATA": str(tmp_path / "none")})
    assert "nav login" in missing.value.hint


@pytest.mark.parametrize(
    "address",
    ["gpu.example.org", "ftp://x", "https://", "https://x#md5:1", "https://x#sha256:12", f"http://x#sha256:{PIN}", "https://a@b", "https://x:0", "https://x:y"],
)
def test_an_address_that_is_none_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(errors.InvalidArgument) as wrong:
        parse_address(address)
    assert "https://host:8443" in wrong.value.hint


def test_a_server_with_a_ca_of_its_own_is_known_by_file_or_fingerprint(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    command = [nav_program(), "up", "--data", installation.data, "--listen", "0.0.0.0:0", "--tls-name", "127.0.0.1", "--no-agent"]
    server = subprocess.Popen(command, env=installation.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = wait_until("it serves", lambda: (installation.data / "run" / "url").exists() and (installation.data / "run" / "url").read_text().strip())
        token = (installation.data / "admin-token").read_text().strip()
        assert opennav.Client(environment=installation.environment).ask(api.whoami()).role == "admin"
        plain = url.partition("#")[0]
        assert opennav.Client(plain, token, ca_file=str(installation.data / "ca.pem")).ask(api.whoami()).role == "admin"
        with pytest.raises(errors.Unauthenticated, match="is not known to be who it should be"):
            opennav.Client(plain, token).ask(api.whoami())
        with pytest.raises(errors.Unauthenticated, match="does not have the fingerprint"):
            opennav.Client(plain, token, ca_sha256=PIN).ask(api.whoami())
    finally:
        server.terminate()
        server.wait()
