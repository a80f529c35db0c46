# SPDX-License-Identifier: Apache-2.0
"""Code that lies in a git repository somewhere. Git fetches it, with the rights and keys of whoever asks."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from .errors import InvalidArgument

_SOURCE = re.compile(r"(?P<url>[^#]*)(#(?P<revision>[^:]*)(:(?P<folder>.*))?)?", re.DOTALL)
_ABBREVIATED = re.compile(r"[0-9a-f]{4,39}")


def is_repository(code: str | Path) -> bool:
    """Whether it names a repository, and no folder of this machine: "https://host/project.git#v1.2", "git@host:project.git"."""
    return isinstance(code, str) and ("://" in code or re.match(r"[^/:]+@[^/:]+:", code) is not None)


@contextmanager
def fetched(code: str | Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """The folder with the files, and what a job's environment says of them: NAV_CODE_COMMIT and NAV_CODE_URL."""
    if not is_repository(code):
        commit = commit_of(Path(code))
        yield Path(code), {"NAV_CODE_COMMIT": commit} if commit else {}
        return
    source = _SOURCE.fullmatch(str(code))
    assert source is not None
    url, revision, below = source["url"], source["revision"] or "HEAD", PurePosixPath(source["folder"] or ".")
    if url.startswith("-") or revision.startswith("-"):
        raise _refusal("a repository's address begins with no -", "https://host/project.git#v1.2")
    if below.is_absolute() or ".." in below.parts:
        raise _refusal(f"{below} is no folder below the repository's top", "a path without ..")
    with tempfile.TemporaryDirectory(prefix="nav-code-") as top:
        shown = re.sub(r"://[^/@]*@", "://", url)
        commit = _check_out(top, url, revision, shown)
        folder = Path(top) / below
        if not folder.is_dir():
            raise _refusal(f"there is no folder {below} in the repository", "URL#REVISION:FOLDER")
        yield folder, {"NAV_CODE_COMMIT": commit, "NAV_CODE_URL": shown}


def commit_of(folder: Path) -> str:
    """The commit a folder is at, with "-dirty" behind it if something there is not committed. Empty: it is in no repository, or there is no git."""
    try:
        commit = _git(str(folder), "rev-parse", "--verify", "-q", "HEAD")
        return commit.strip() + ("-dirty" if _git(str(folder), "status", "--porcelain", "--", ".") else "")
    except (OSError, subprocess.CalledProcessError):
        return ""


def _check_out(top: str, url: str, revision: str, shown: str) -> str:
    try:
        _git(top, "init", "-q")
        # An abbreviated commit cannot be asked for: all is fetched then, and git finds it there.
        if whole := _ABBREVIATED.fullmatch(revision) is not None:
            _git(top, "fetch", "-q", "--tags", "--", url, "+refs/heads/*:refs/remotes/origin/*")
        else:
            _git(top, "fetch", "-q", "--depth=1", "--", url, revision)
        _git(top, "checkout", "-q", "--detach", revision if whole else "FETCH_HEAD")
        return _git(top, "rev-parse", "HEAD").strip()
    except FileNotFoundError:
        raise _refusal("git is needed to fetch a repository", "install git") from None
    except subprocess.CalledProcessError as error:
        why = (error.stderr or "").replace(url, shown).strip().splitlines()
        message = ": ".join([f"{revision} of {shown} cannot be fetched", *why[-1:]])
        raise _refusal(message, "a branch, a tag or a commit that is there") from None


def _git(folder: str, *words: str) -> str:
    return subprocess.run(["git", "-C", folder, *words], check=True, text=True, stdin=subprocess.DEVNULL, capture_output=True).stdout


def _refusal(message: str, hint: str) -> InvalidArgument:
    return InvalidArgument(message, hint, "code")
