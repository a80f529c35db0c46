# SPDX-License-Identifier: Apache-2.0
"""Opens links that are secrets."""

from __future__ import annotations

import html
import os
import webbrowser
from pathlib import Path

PAGE = (
    '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url={url}"><title>OpenNav</title>\n'
)


def open_link(url: str) -> bool:
    """Opens it where there is a desktop, by way of a page of the user's own: arguments of processes are everybody's to read.

    False: there is none.
    """
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    if not folder or not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    page = Path(folder) / "nav-open.html"
    try:
        page.unlink(missing_ok=True)
        with os.fdopen(os.open(page, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as file:
            file.write(PAGE.format(url=html.escape(url)))
        return webbrowser.open(page.as_uri())
    except (OSError, webbrowser.Error):
        return False
