# SPDX-License-Identifier: Apache-2.0
"""Which files of a folder are sent along with a job."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import artifacts, git_code, model
from .errors import InvalidArgument
from .exchange import Session
from .wire import Plan

#: a folder, a git repository ("https://host/project.git#v1.2:folder"), or files that are stored already
Code = str | Path | Sequence[model.CodeFile | model.SentFile]

NEVER_SENT = (".git", "__pycache__", ".ipynb_checkpoints", ".venv")
MOST_FILES = 2_000
MOST_BYTES = 256 << 20
HINT = "name in .navignore what the job does not need; what many jobs read is better kept on the nodes"


def _refusal(message: str, hint: str = HINT) -> InvalidArgument:
    return InvalidArgument(message, hint, "code")


def _listed_by_git(folder: Path) -> list[str]:
    """What an empty repository of ours would take of the folder, so it need not be in one. FileNotFoundError without git."""
    with tempfile.TemporaryDirectory(prefix="nav-code-") as repository:
        subprocess.run(["git", "init", "-q", "--bare", repository], check=True, stdin=subprocess.DEVNULL)
        words = ["git", "-C", str(folder), f"--git-dir={repository}", "--work-tree=.", "ls-files", "--others", "-z", "--exclude-per-directory=.gitignore"]
        words += [f"--exclude={name}" for name in NEVER_SENT]
        if (folder / ".navignore").exists():
            words.append("--exclude-from=.navignore")
        said = subprocess.run(words, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
    return [os.fsdecode(path) for path in said.split(b"\0") if path]


def _listed_without_git(folder: Path) -> list[str]:
    paths: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in NEVER_SENT]
        for name in names:
            if name in (".gitignore", ".navignore"):
                raise _refusal(f"git is needed to read {Path(place) / name}", "install git")
            paths.append(str((Path(place) / name).relative_to(folder)))
    return paths


def files_in(folder: str | Path) -> list[tuple[str, Path, bool]]:
    """Path below the folder, where it lies, and whether it may be run: of each file that would be sent along.

    Left out is what .gitignore (in each folder) and .navignore (in the first) name, and .git, __pycache__, .ipynb_checkpoints and .venv.
    """
    top = Path(folder)
    if not top.is_dir():
        raise _refusal(f"there is no folder {folder}", 'a folder, as in code="."')
    try:
        paths = _listed_by_git(top)
    except FileNotFoundError:
        paths = _listed_without_git(top)
    files: list[tuple[str, Path, bool]] = []
    total = 0
    for path in sorted(paths):
        if path.endswith("/"):
            raise _refusal(f"{path} is a repository of its own")
        info = (top / path).lstat()
        if not stat.S_ISREG(info.st_mode):
            raise _refusal(f"{path} is {'a link' if stat.S_ISLNK(info.st_mode) else 'no file'}, and only files are sent")
        total += info.st_size
        files.append((path, top / path, bool(info.st_mode & stat.S_IXUSR)))
    if not files:
        raise _refusal(f"there is no file to send in {folder}", "a folder with the job's code")
    if len(files) > MOST_FILES or total > MOST_BYTES:
        raise _refusal(f"{len(files)} files of {total >> 20} MiB, and at most {MOST_FILES} of {MOST_BYTES >> 20} MiB are sent along")
    return files


def send(session: Session, code: Code, project: str | None) -> Plan[tuple[list[model.CodeFile], dict[str, str]]]:
    """Brings the files to the server, those it has not got yet. With them comes what the job's environment says of where they are from."""
    if not isinstance(code, (str, Path)):
        return [model.CodeFile(path=file.path, digest=file.digest, executable=file.executable) for file in code], {}
    with git_code.fetched(code) as (folder, origin):
        sent: list[model.CodeFile] = []
        for path, place, executable in files_in(folder):
            digest = yield from artifacts.put(session, place, project)
            sent.append(model.CodeFile(path=path, digest=digest, executable=executable))
    return sent, origin
