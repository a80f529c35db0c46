# SPDX-License-Identifier: Apache-2.0
"""Which server to speak with, and as whom: found as the command line finds it."""

from __future__ import annotations

import json
import os
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import Forbidden, Internal, InvalidArgument, NavError, Unavailable

SYSTEM_DATA_FOLDER = Path("/var/lib/opennav")


@dataclass(frozen=True, repr=False)
class Settings:
    """The server to speak with. Its token is not shown by `repr`."""

    url: str
    token: str = ""
    ca_sha256: str = ""  #: fingerprint of the installation's own CA; empty: what the system trusts

    def __repr__(self) -> str:
        return f"Settings(url={self.url!r}, token={'***' if self.token else ''!r}, ca_sha256={self.ca_sha256!r})"

    @property
    def secure(self) -> bool:
        return self.url.startswith("https://")

    @property
    def host(self) -> str:
        return urllib.parse.urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urllib.parse.urlsplit(self.url).port or (443 if self.secure else 80)

    @property
    def authority(self) -> str:
        return urllib.parse.urlsplit(self.url).netloc


def parse_address(text: str, field: str = "url") -> Settings:
    """``https://host:8443``, or with the fingerprint of its CA: ``https://host:8443#sha256:...``."""

    def wrong(why: str) -> InvalidArgument:
        return InvalidArgument(f'"{text}" is not an address: {why}', "such as https://host:8443 or https://host:8443#sha256:...", field)

    url, hash_sign, fingerprint = text.strip().partition("#")
    digits = ""
    if hash_sign:
        if not fingerprint.startswith("sha256:"):
            raise wrong("what follows '#' must begin with sha256:")
        digits = fingerprint[7:].replace(":", "").lower()
        if not re.fullmatch("[0-9a-f]{64}", digits):
            raise wrong("a sha256 fingerprint has 64 hexadecimal digits")
    if not url.startswith(("https://", "http://")):
        raise wrong("it must begin with https:// or http://")
    if digits and not url.startswith("https://"):
        raise wrong("a fingerprint needs https")
    url = url.rstrip("/")
    try:
        parts = urllib.parse.urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        port_is_fine = False
    if not port_is_fine:
        raise wrong("its port is not a number from 1 to 65535")
    if not parts.hostname or re.search(r"[@\s\\]", url):
        raise wrong("the host is missing, or it holds a character that has no place there")
    return Settings(url, "", digits)


def data_folder(environment: Mapping[str, str]) -> Path:
    """The folder of the installation on this machine."""
    if named := environment.get("NAV_DATA"):
        return Path(named).absolute()
    if os.geteuid() == 0:
        return SYSTEM_DATA_FOLDER
    base = _under_home(environment, "XDG_DATA_HOME", ".local/share")
    return base / "opennav" if base else SYSTEM_DATA_FOLDER


def find_settings(environment: Mapping[str, str]) -> Settings:
    """Looks in this order: NAV_URL (with NAV_TOKEN, or the token in the file NAV_TOKEN_FILE), what `nav login` kept, the installation on this machine."""
    if url := environment.get("NAV_URL"):
        return _from_environment(environment, url)
    if not environment.get("NAV_DATA") and (login := _kept_login(environment)):
        return login
    folders = [data_folder(environment)]
    if not environment.get("NAV_DATA") and folders[0] != SYSTEM_DATA_FOLDER:
        folders.append(SYSTEM_DATA_FOLDER)
    for folder in folders:
        try:
            settings = parse_address(_small_file(folder / "run" / "url"))
            return replace(settings, token=_small_file(folder / "admin-token"))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError as error:
            raise Forbidden(str(error), "it belongs to somebody else: use nav login with a token of your own") from error
    raise Unavailable(
        f"no server is running in {folders[0]}, and none is named", "start one with nav up, or say where one is: nav login URL, or NAV_URL and NAV_TOKEN"
    )


def _from_environment(environment: Mapping[str, str], url: str) -> Settings:
    settings = parse_address(url, "NAV_URL")
    if token := environment.get("NAV_TOKEN"):
        return replace(settings, token=token)
    if file := environment.get("NAV_TOKEN_FILE"):
        try:
            return replace(settings, token=_small_file(Path(file)))
        except OSError as error:
            raise InvalidArgument(f"the token cannot be read: {error}", "a file with nothing but the token in it", "NAV_TOKEN_FILE") from error
    # The same server as the one logged in to, said twice.
    try:
        login = _kept_login(environment)
    except NavError:
        login = None
    return login if login and login.url == settings.url else settings


def _kept_login(environment: Mapping[str, str]) -> Settings | None:
    base = _under_home(environment, "XDG_CONFIG_HOME", ".config")
    if base is None:
        return None
    file = base / "opennav" / "login.json"
    try:
        kept = json.loads(file.read_text())
        return Settings(str(kept["url"]), str(kept.get("token", "")), str(kept.get("ca_sha256", "")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        raise Forbidden(str(error), "nav login keeps it for one user alone") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Internal(f"{file} cannot be read: {error}", "nav login writes it anew") from error


def _under_home(environment: Mapping[str, str], variable: str, under_home: str) -> Path | None:
    if (folder := environment.get(variable, "")).startswith("/"):
        return Path(folder)
    home = environment.get("HOME")
    return Path(home) / under_home if home else None


def _small_file(path: Path) -> str:
    return path.read_text().strip()
